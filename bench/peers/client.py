"""What all drivers share: HTTP on a connection that is kept open, and the embedding service behind OpenAI's API."""

import http.client
import json
from urllib.parse import urlparse


class Http:
    """A new connection for each call would be measured instead of the system."""

    def __init__(self, url):
        parsed = urlparse(url)
        self.prefix = parsed.path.rstrip("/")
        self.address = (parsed.hostname, parsed.port)
        self.connection = None

    def send(self, path, data):
        if self.connection is None:
            self.connection = http.client.HTTPConnection(*self.address, timeout=600)
        self.connection.request("POST", self.prefix + path, data, {"content-type": "application/json"})
        answer = self.connection.getresponse()
        return answer.status, answer.read()

    def post(self, path, body):
        data = json.dumps(body).encode()
        try:
            status, text = self.send(path, data)
        except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError):
            # The server closed a connection that lay idle; once more on a new one.
            self.connection = None
            status, text = self.send(path, data)
        if status >= 300:
            raise RuntimeError(f"{path} answered {status}: {text[:200]!r}")
        return json.loads(text)


class Embedder:
    """The same model for every system."""

    def __init__(self, url, dimensions):
        self.http = Http(url)
        self.url = url
        self.dimensions = dimensions

    def many(self, texts):
        answer = self.http.post("/embeddings", {"input": texts, "model": "shared"})
        return [item["embedding"] for item in answer["data"]]

    def one(self, text):
        return self.many([text])[0]
