"""Teacher vectors of lists of lines, kept in a cache folder: a changed source does not cost the others again."""

import hashlib
import os
import sys
import time

import numpy as np


def lines_hash(lines):
    """Hex SHA-256 over the lines, each closed by a line feed."""
    digest = hashlib.sha256()
    for line in lines:
        digest.update(line.encode() + b"\n")
    return digest.hexdigest()


def report_progress(label):
    """A progress callback that prints at most one line every ten seconds."""
    state = {"start": time.time(), "last": time.time()}

    def report(done, total):
        now = time.time()
        if now - state["last"] > 10:
            state["last"] = now
            print(f"{label}: {done}/{total}, {done / (now - state['start']):.0f} lines/s", file=sys.stderr, flush=True)

    return report


def encode_lines(encode, tokenizer, label, lines, cache):
    """(lines, wordpiece sequences, teacher vectors float32 [n, 384]); lines without wordpieces are dropped."""
    encoded = [encoding.ids for encoding in tokenizer.encode_batch(lines, add_special_tokens=False)]
    kept = [line for line, sequence in zip(lines, encoded, strict=True) if sequence]
    sequences = [sequence for sequence in encoded if sequence]
    path = os.path.join(cache, f"{label}-{lines_hash(lines)[:16]}.npy") if cache else None
    if path and os.path.exists(path):
        return kept, sequences, np.load(path)
    vectors = encode(sequences, report_progress(label))
    if path:
        os.makedirs(cache, exist_ok=True)
        np.save(path, vectors)
    return kept, sequences, vectors
