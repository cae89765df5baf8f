"""mem0 as a library with `infer=False`: its store and its search without the language model that extracts facts."""

import os

os.environ["MEM0_TELEMETRY"] = "False"

USER = "bench"


class Store:
    def __init__(self, folder, embedder):
        os.environ["MEM0_DIR"] = os.path.join(folder, "mem0")
        from mem0 import Memory

        self.ids = {}
        self.memory = Memory.from_config(
            {
                "vector_store": {
                    "provider": "qdrant",
                    "config": {
                        "collection_name": "memory",
                        "path": os.path.join(folder, "qdrant"),
                        "on_disk": True,
                        "embedding_model_dims": embedder.dimensions,
                    },
                },
                "embedder": {
                    "provider": "openai",
                    "config": {"model": "shared", "api_key": "none", "openai_base_url": embedder.url},
                },
                "llm": {"provider": "openai", "config": {"api_key": "none"}},
                "history_db_path": os.path.join(folder, "history.db"),
            }
        )

    def add_one(self, document):
        added = self.memory.add(document["text"], user_id=USER, infer=False)
        self.ids[added["results"][0]["id"]] = document["id"]

    def add_many(self, documents):
        # It takes many messages a call, and embeds and stores them one by one.
        for document in documents:
            self.add_one(document)

    def search(self, query, limit):
        found = self.memory.search(query, top_k=limit, filters={"user_id": USER})
        return [self.ids[one["id"]] for one in found["results"] if one["id"] in self.ids]

    def process_ids(self):
        return []

    def close(self):
        self.memory.vector_store.client.close()


def open_store(folder, embedder, _job):
    return Store(folder, embedder)
