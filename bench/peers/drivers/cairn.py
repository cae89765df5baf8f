"""Cairn through its HTTP API; the caller started the server. With `fields`, author, date and session are given."""

import itertools

from client import Http

numbers = itertools.count()


class Store:
    def __init__(self, job):
        self.http = Http(job["cairn_url"])
        self.process_id = job["cairn_process"]
        self.with_fields = job["fields"]
        self.space = f"bench-{next(numbers)}"
        self.ids = {}
        self.http.post("/v1/spaces", {"name": self.space})

    def memory(self, document):
        given = document["fields"] if self.with_fields else {"content": document["text"]}
        return {**given, "skip_dedup": True, "space": self.space}

    def add_one(self, document):
        self.ids[self.http.post("/v1/remember", self.memory(document))["memory_id"]] = document["id"]

    def add_many(self, documents):
        body = {"memories": [self.memory(one) for one in documents], "space": self.space}
        answer = self.http.post("/v1/remember/batch", body)
        for result, document in zip(answer["results"], documents, strict=True):
            self.ids[result["memory_id"]] = document["id"]

    def search(self, query, limit):
        body = {"query": query, "limit": limit, "min_relevance": 0, "space": self.space}
        return [self.ids[one["memory"]["id"]] for one in self.http.post("/v1/recall", body)["results"]]

    def process_ids(self):
        return [self.process_id]

    def close(self):
        pass


def open_store(_folder, _embedder, job):
    return Store(job)
