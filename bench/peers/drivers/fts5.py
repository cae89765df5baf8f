"""Plain SQLite FTS5: BM25 over stemmed words, any of them. No vectors. The line that everyone has to beat.

Stop words are left out of the question: FTS5 does not, and finds four points less with them.
"""

import os
import re
import sqlite3

STOP_WORDS = frozenset(
    """a an and any are as at be been but by can could did do does for from had has have he her hers him his how i if in
    into is it its me my no not of on or our s she so some such t than that the their them then there these they this
    those to us was we were what when where which who whom whose why will with would you your""".split()
)


class Store:
    def __init__(self, folder):
        self.db = sqlite3.connect(os.path.join(folder, "memory.db"), isolation_level=None)
        # Like Cairn: what was acknowledged survives a power cut.
        self.db.execute("pragma journal_mode=wal")
        self.db.execute("pragma synchronous=full")
        self.db.execute("create virtual table memory using fts5(id unindexed, text, tokenize='porter unicode61')")

    def add_one(self, document):
        self.db.execute("insert into memory values (?, ?)", (document["id"], document["text"]))

    def add_many(self, documents):
        self.db.execute("begin immediate")
        self.db.executemany("insert into memory values (?, ?)", [(one["id"], one["text"]) for one in documents])
        self.db.execute("commit")

    def search(self, query, limit):
        asked = re.findall(r"\w+", query)
        words = [word for word in asked if word.lower() not in STOP_WORDS] or asked
        if not words:
            return []
        match = " OR ".join(f'"{word}"' for word in words)
        rows = self.db.execute("select id from memory where memory match ? order by rank limit ?", (match, limit))
        return [row[0] for row in rows]

    def process_ids(self):
        return []

    def close(self):
        self.db.close()


def open_store(folder, _embedder, _job):
    return Store(folder)
