"""Fits the rows: the normalised sum of a sentence's rows should point where the teacher's vector of it points.

The loss of a batch is the mean of 1 − cos(static, teacher), plus `similarity` times the mean squared error of the
batch's matrix of cosines against the teacher's (which keeps the geometry among sentences, and so the ranking). Rows are
moved by Adam (Kingma & Ba 2015, arXiv:1412.6980), only those that occur in the batch, with bias correction counted by
row, so that a rare wordpiece takes as large first steps as a common one.
"""

import sys

import numpy as np

from table import SPECIAL


def principal_axes(vectors, dim):
    """The `dim` principal axes of uncentred vectors: float32 [d, dim], largest first, their largest entry positive.

    Uncentred, because a sum of rows has no place for a mean.
    """
    values, axes = np.linalg.eigh((vectors.T.astype(np.float64) @ vectors) / len(vectors))
    axes = axes[:, np.argsort(values)[::-1][:dim]]
    signs = np.sign(axes[np.abs(axes).argmax(axis=0), np.arange(dim)])
    return (axes * signs).astype(np.float32)


def fold_axes(vectors, dim):
    """(axes [d, dim], basis [d, d]): the principal axes, and a rotation of the whole space that begins with them."""
    axes = principal_axes(vectors, dim)
    rest = np.linalg.svd(axes.T.astype(np.float64), full_matrices=True)[2][dim:].T
    return axes, np.concatenate([axes, rest.astype(np.float32)], axis=1)


def token_weights(sequences, vocabulary):
    """a / (a + p) for each wordpiece of frequency p: float32 [vocabulary], 1 for a rare one (Arora et al. 2017)."""
    counts = np.bincount(np.concatenate([np.asarray(s) for s in sequences]), minlength=vocabulary)
    return (1e-3 / (1e-3 + counts / counts.sum())).astype(np.float32)


def starting_rows(pieces, weights, axes):
    """Each wordpiece's own teacher vector on the axes, times its weight."""
    rows = (pieces @ axes) * weights[:, None]
    rows[list(SPECIAL)] = 0
    return np.ascontiguousarray(rows, np.float32)


def flatten(sequences):
    """(all ids in one array, where each sequence starts): sequence i is ids[starts[i] : starts[i + 1]]."""
    starts = np.zeros(len(sequences) + 1, np.int64)
    np.cumsum([len(s) for s in sequences], out=starts[1:])
    return np.concatenate([np.asarray(s, np.int32) for s in sequences]), starts


def gradient(rows, counts, targets, similarity):
    """(loss, gradient by row) of one batch.

    rows [u, d]; counts [b, u]: how often row u occurs in text b; targets [b, D ≥ d]: teacher vectors of length 1 whose
    first d entries are their coordinates on the axes of the rows.
    """
    size, dim = len(counts), rows.shape[1]
    sums = counts @ rows
    norms = np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), 1e-6)
    unit = sums / norms
    cosines = (unit * targets[:, :dim]).sum(axis=1)
    error = unit @ unit.T - targets @ targets.T
    np.fill_diagonal(error, 0)
    loss = 1 - cosines.mean() + similarity * (error**2).sum() / size
    by_unit = -targets[:, :dim] / size + (4 * similarity / size) * (error @ unit)
    by_sum = (by_unit - unit * (unit * by_unit).sum(axis=1, keepdims=True)) / norms
    return float(loss), counts.T @ by_sum


def fit(rows, sequences, targets, paces, *, steps, batch, rate, similarity, dropout, seed, log=sys.stderr):
    """Moves `rows` in place by `steps` steps of Adam; the rate falls along a cosine to zero.

    `paces` [rows] multiply the rate by row: a common wordpiece, whose row is short, takes shorter steps.
    `dropout` leaves each wordpiece of a text out with that probability, so that no row relies on its companions.
    """
    rng = np.random.default_rng(seed)
    ids, starts = flatten(sequences)
    first, second = np.zeros_like(rows), np.zeros_like(rows)
    seen = np.zeros(len(rows), np.int64)
    order, at, smooth = rng.permutation(len(sequences)), 0, None
    for step in range(steps):
        if at + batch > len(order):
            order, at = rng.permutation(len(sequences)), 0
        members = order[at : at + batch]
        at += batch
        lengths = starts[members + 1] - starts[members]
        texts = np.repeat(np.arange(batch), lengths)
        offsets = np.arange(lengths.sum()) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        tokens = ids[np.repeat(starts[members], lengths) + offsets]
        if dropout:
            kept = rng.random(len(tokens)) >= dropout
            texts, tokens = texts[kept], tokens[kept]
        used, column = np.unique(tokens, return_inverse=True)
        counts = (
            np.bincount(texts * len(used) + column, minlength=batch * len(used))
            .reshape(batch, len(used))
            .astype(np.float32)
        )
        loss, slope = gradient(rows[used], counts, targets[members], similarity)
        seen[used] += 1
        times = seen[used][:, None].astype(np.float32)
        first[used] = moment = 0.9 * first[used] + 0.1 * slope
        second[used] = power = 0.999 * second[used] + 0.001 * slope * slope
        pace = rate * 0.5 * (1 + np.cos(np.pi * step / steps))
        rows[used] -= (
            pace * paces[used][:, None] * (moment / (1 - 0.9**times)) / (np.sqrt(power / (1 - 0.999**times)) + 1e-8)
        )
        rows[list(SPECIAL)] = 0
        smooth = loss if smooth is None else 0.98 * smooth + 0.02 * loss
        if log and step % 500 == 0:
            print(f"step {step}: loss {smooth:.4f}", file=log, flush=True)
    return rows
