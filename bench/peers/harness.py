"""Runs one memory system on the work of the peers benchmark, in a process of its own.

`python harness.py JOB.json` reads the job, imports the driver that it names and writes what was found and how long it
took. Scores are computed by the caller, for all systems by the same code.

A driver has one function, `open_store(folder, embedder, job)`, which opens an empty store for one conversation and
returns an object with

    add_one(document), add_many(documents)   a document is {"id", "text", "fields"}
    search(query, limit)                     ids, the best first
    process_ids()                            processes whose memory counts; empty means this one
    close()
"""

import importlib
import importlib.metadata
import json
import os
import signal
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "drivers")]

from client import Embedder  # noqa: E402

BATCH = 500


def milliseconds(work):
    started = time.perf_counter()
    result = work()
    return 1000 * (time.perf_counter() - started), result


def resident_mb(process_ids):
    total = 0.0
    for process_id in process_ids:
        with open(f"/proc/{process_id}/status") as status:
            total += sum(int(line.split()[1]) for line in status if line.startswith("VmRSS:")) / 1024
    return total


def disk_mb(folder):
    total = 0
    for parent, _, names in os.walk(folder):
        for name in names:
            try:
                total += os.stat(os.path.join(parent, name)).st_size
            except FileNotFoundError:
                pass
    return total / 1024 / 1024


def store_all(store, documents, singles, result):
    for document in documents[:singles]:
        took, _ = milliseconds(lambda document=document: store.add_one(document))
        result["writes_ms"].append(took)
    for start in range(singles, len(documents), BATCH):
        some = documents[start : start + BATCH]
        took, _ = milliseconds(lambda some=some: store.add_many(some))
        result["batch_ms"] += took
        result["batch_texts"] += len(some)


def ask_all(store, questions, limit, result):
    for warm in questions[:3]:
        store.search(warm["query"], limit)
    for question in questions:
        took, found = milliseconds(lambda question=question: store.search(question["query"], limit))
        result["answers"].append({"id": question["id"], "found": found, "ms": took})


def run_space(driver, space, folder, embedder, job, result):
    store = driver.open_store(folder, embedder, job)
    try:
        store_all(store, space["documents"], job["singles"], result)
        ask_all(store, space["questions"], job["limit"], result)
        try:
            memory = resident_mb(store.process_ids() or [os.getpid()])
            result["resident_mb"] = max(memory, result["resident_mb"] or 0)
        except OSError:
            pass  # Not Linux: the table says that it is not known.
    finally:
        store.close()
    result["disk_mb"] += disk_mb(folder)


def main():
    with open(sys.argv[1]) as file:
        job = json.load(file)
    embedder = Embedder(job["embedding_url"], job["dimensions"])
    driver = importlib.import_module(job["driver"])
    versions = {name: importlib.metadata.version(name) for name in job["packages"]}
    result = {
        "versions": {**versions, "python": sys.version.split()[0]},
        "writes_ms": [],
        "batch_ms": 0.0,
        "batch_texts": 0,
        "answers": [],
        "resident_mb": None,
        "disk_mb": 0.0,
    }
    result["embed_ms"] = [
        milliseconds(lambda question=question: embedder.one(question["query"]))[0]
        for question in job["spaces"][0]["questions"][:50]
    ]
    for number, space in enumerate(job["spaces"]):
        folder = os.path.join(job["folder"], f"space-{number}")
        os.makedirs(folder)
        run_space(driver, space, folder, embedder, job, result)
    with open(job["out"], "w") as file:
        json.dump(result, file)


if __name__ == "__main__":
    # As an exception, so that a driver ends the server that it started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))
    main()
    # Some peers leave threads behind that would keep the process from ending.
    os._exit(0)
