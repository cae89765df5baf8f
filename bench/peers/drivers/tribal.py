"""TribalMemory: its own server with its defaults, a server a conversation; only where vectors come from is replaced."""

import os
import socket
import subprocess
import sys
import time

from client import Http


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Store:
    def __init__(self, folder, embedder):
        self.port = free_port()
        config = os.path.join(folder, "config.yaml")
        with open(config, "w") as file:
            file.write(
                f"instance_id: bench\n"
                f"db:\n  provider: lancedb\n  path: {os.path.join(folder, 'lancedb')}\n"
                f"embedding:\n  provider: fastembed\n  model: shared\n  dimensions: {embedder.dimensions}\n"
                f"server:\n  host: 127.0.0.1\n  port: {self.port}\n"
            )
        server = os.path.join(os.path.dirname(os.path.abspath(__file__)), "tribal_server.py")
        environment = {
            **os.environ,
            "HOME": folder,
            "TRIBAL_MEMORY_CONFIG": config,
            "EMBEDDING_URL": embedder.url,
        }
        self.log = open(os.path.join(folder, "server.log"), "w")
        self.process = subprocess.Popen([sys.executable, server], env=environment, stdout=self.log, stderr=self.log)
        self.http = Http(f"http://127.0.0.1:{self.port}")
        self.ids = {}
        try:
            self.wait()
        except BaseException:
            self.close()
            raise

    def wait(self):
        until = time.monotonic() + 120
        while True:
            try:
                self.http.post("/v1/recall", {"query": "are you there"})
                return
            except OSError:
                self.http.connection = None
                if self.process.poll() is not None:
                    raise RuntimeError("the server of TribalMemory ended at its start") from None
                if time.monotonic() > until:
                    raise
                time.sleep(0.1)

    def keep(self, answer, document):
        if not answer.get("success"):
            raise RuntimeError(f"not stored: {answer.get('error')}")
        self.ids[answer["memory_id"]] = document["id"]

    def add_one(self, document):
        self.keep(self.http.post("/v1/remember", {"content": document["text"], "skip_dedup": True}), document)

    def add_many(self, documents):
        memories = [{"content": one["text"], "skip_dedup": True} for one in documents]
        answer = self.http.post("/v1/remember/batch", {"memories": memories})
        for result, document in zip(answer["results"], documents, strict=True):
            self.keep(result, document)

    def search(self, query, limit):
        answer = self.http.post("/v1/recall", {"query": query, "limit": limit})
        if answer.get("error"):
            raise RuntimeError(f"recall failed: {answer['error']}")
        return [self.ids[one["memory"]["id"]] for one in answer["results"] if one["memory"]["id"] in self.ids]

    def process_ids(self):
        return [self.process.pid]

    def close(self):
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.log.close()


def open_store(folder, embedder, _job):
    return Store(folder, embedder)
