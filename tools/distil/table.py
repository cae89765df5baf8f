"""The table's file format: int8 rows with one float32 scale each, and the vector of a text computed from them."""

import json
import os
import unicodedata

import numpy as np

SPECIAL = (0, 100, 101, 102, 103)
"""Ids of [PAD], [UNK], [CLS], [SEP] and [MASK] in bert-base-uncased: their rows are zero."""


def foreign(pieces):
    """Ids of the wordpieces with a letter that is not Latin: bool [n].

    The teacher reads English. Other scripts reach it as single letters, whose vectors say which script it is and
    little else, so that any two Chinese texts are near each other; such a text is better found by its words alone.
    """
    return np.array(
        [any(letter.isalpha() and "LATIN" not in unicodedata.name(letter, "") for letter in piece) for piece in pieces]
    )


def quantize(rows):
    """float32 rows [n, d] -> (int8 [n, d], float32 scales [n]) with row ≈ scale · int8; the largest entry becomes ±127.

    A row's length is its token's weight in the sum, so the weight ends up in the scale. Zero rows get scale 0.
    """
    largest = np.abs(rows).max(axis=1)
    scales = (largest / 127).astype(np.float32)
    divisor = np.where(scales > 0, scales, 1)[:, None]
    return np.clip(np.rint(rows / divisor), -127, 127).astype(np.int8), scales


def dequantize(table, scales):
    """Inverse of `quantize`, up to rounding."""
    return table.astype(np.float32) * scales[:, None]


def write_table(folder, table, scales):
    """Writes table.i8 (row-major), scales.f32 (little-endian) and table.json."""
    os.makedirs(folder, exist_ok=True)
    table.astype(np.int8).tofile(os.path.join(folder, "table.i8"))
    scales.astype("<f4").tofile(os.path.join(folder, "scales.f32"))
    shape = {
        "rows": len(table),
        "dim": table.shape[1],
        "vocab": "bert-base-uncased wordpiece",
        "pool": "sum of scale*row, L2",
    }
    with open(os.path.join(folder, "table.json"), "w", encoding="utf-8") as handle:
        handle.write(json.dumps(shape) + "\n")


def read_table(folder):
    """float32 rows [n, d] of a written table. ValueError when the files' sizes do not fit table.json."""
    with open(os.path.join(folder, "table.json"), encoding="utf-8") as handle:
        shape = json.load(handle)
    table = np.fromfile(os.path.join(folder, "table.i8"), np.int8)
    scales = np.fromfile(os.path.join(folder, "scales.f32"), "<f4")
    if table.size != shape["rows"] * shape["dim"] or scales.size != shape["rows"]:
        raise ValueError(f"the files in {folder} do not hold {shape['rows']} rows of {shape['dim']}")
    return dequantize(table.reshape(shape["rows"], shape["dim"]), scales)


def static_vectors(rows, sequences):
    """Σ rows of each wordpiece sequence, each of length 1 (zero where no wordpiece has a row): float32 [n, d]."""
    keep = np.ones(len(rows), bool)
    keep[list(special for special in SPECIAL if special < len(rows))] = False
    result = np.zeros((len(sequences), rows.shape[1]), np.float32)
    for index, sequence in enumerate(sequences):
        ids = np.asarray(sequence, np.int64)
        result[index] = rows[ids[keep[ids]]].sum(axis=0)
    norms = np.linalg.norm(result, axis=1, keepdims=True)
    return result / np.where(norms > 0, norms, 1)
