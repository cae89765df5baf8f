"""Chroma by hand: vectors only, cosine, on disk."""

import chromadb
from chromadb.config import Settings


class Store:
    def __init__(self, folder, embedder):
        self.embedder = embedder
        self.client = chromadb.PersistentClient(folder, settings=Settings(anonymized_telemetry=False))
        self.collection = self.client.create_collection(
            "memory", embedding_function=None, metadata={"hnsw:space": "cosine"}
        )

    def add_one(self, document):
        self.add_many([document])

    def add_many(self, documents):
        texts = [one["text"] for one in documents]
        self.collection.add(
            ids=[one["id"] for one in documents], documents=texts, embeddings=self.embedder.many(texts)
        )

    def search(self, query, limit):
        found = self.collection.query(query_embeddings=[self.embedder.one(query)], n_results=limit, include=[])
        return found["ids"][0]

    def process_ids(self):
        return []

    def close(self):
        self.collection = None


def open_store(folder, embedder, _job):
    return Store(folder, embedder)
