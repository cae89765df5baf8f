"""LanceDB by hand: its full-text index and its vectors, joined by its own reciprocal rank fusion."""

import lancedb
import pyarrow
from lancedb.rerankers import RRFReranker


class Store:
    def __init__(self, folder, embedder):
        self.embedder = embedder
        schema = pyarrow.schema(
            [
                pyarrow.field("id", pyarrow.string()),
                pyarrow.field("text", pyarrow.string()),
                pyarrow.field("vector", pyarrow.list_(pyarrow.float32(), embedder.dimensions)),
            ]
        )
        self.table = lancedb.connect(folder).create_table("memory", schema=schema)
        self.table.create_fts_index("text")
        self.reranker = RRFReranker()

    def add_one(self, document):
        self.add_many([document])

    def add_many(self, documents):
        vectors = self.embedder.many([one["text"] for one in documents])
        rows = [
            {"id": one["id"], "text": one["text"], "vector": vector}
            for one, vector in zip(documents, vectors, strict=True)
        ]
        self.table.add(rows)
        if len(documents) > 1:
            # Takes new rows into the text index; without it they are scanned at each question.
            self.table.optimize()

    def search(self, query, limit):
        vector = self.embedder.one(query)
        found = self.table.search(query_type="hybrid").vector(vector).text(query)
        rows = found.distance_type("cosine").rerank(self.reranker).limit(limit).to_list()
        return [row["id"] for row in rows]

    def process_ids(self):
        return []

    def close(self):
        self.table = None


def open_store(folder, embedder, _job):
    return Store(folder, embedder)
