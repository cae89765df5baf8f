"""Starts TribalMemory's server with `fastembed.TextEmbedding` asking the shared embedding service.

Its model would be downloaded from elsewhere, and every memory in this benchmark gets the same vectors.
"""

import json
import os
import sys
import types
import urllib.request

import numpy

URL = os.environ["EMBEDDING_URL"] + "/embeddings"


class TextEmbedding:
    def __init__(self, **_options):
        pass

    def embed(self, texts):
        body = json.dumps({"input": list(texts), "model": "shared"}).encode()
        request = urllib.request.Request(URL, body, {"content-type": "application/json"})
        with urllib.request.urlopen(request, timeout=600) as answer:
            data = json.load(answer)["data"]
        return iter([numpy.array(item["embedding"], dtype=numpy.float32) for item in data])


replacement = types.ModuleType("fastembed")
replacement.TextEmbedding = TextEmbedding
sys.modules["fastembed"] = replacement

from tribalmemory.server.app import run_server  # noqa: E402

run_server(log_level="warning")
