"""Compares embedding tables: held-out cosine to the teacher, and retrieval on texts that were never fitted on.

    python evaluate.py --table reference=DIR --table new=DIR [--heldout FILE] [--locomo FILE] [--packages FILE]

Evaluation only: nothing read here may be passed to distil.py.
"""

import argparse

import numpy as np

from debian import packages_report, read_packages
from locomo import locomo_report, read_conversations
from table import read_table, static_vectors
from teacher import load_tokenizer, start_teacher


def teacher_report(tables, tokenizer, pairs):
    """Mean cosine to the teacher over (source, text) pairs, by source, and the error of the cosines between texts.

    A table may lie rotated in the teacher's space, so each static space is first turned onto the teacher's by the best
    orthogonal map (Schönemann 1966), found on every other text and judged on the rest.
    """
    sequences = [
        encoding.ids for encoding in tokenizer.encode_batch([text for _, text in pairs], add_special_tokens=False)
    ]
    sources = np.array([source for source, _ in pairs])
    teacher = start_teacher()(sequences)
    judged = np.arange(len(pairs)) % 2 == 1
    for name, rows in tables.items():
        static = static_vectors(rows, sequences)
        left, _, right = np.linalg.svd(static[~judged].T @ teacher[~judged], full_matrices=False)
        cosines = ((static @ (left @ right)) * teacher).sum(axis=1)
        for source in sorted(set(sources)):
            part = np.flatnonzero(judged & (sources == source))
            sample = part[:2000]
            error = static[sample] @ static[sample].T - teacher[sample] @ teacher[sample].T
            print(
                f"teacher   {source:10} {name:12} cosine {cosines[part].mean():.4f}  "
                f"error of cosines between texts {np.sqrt((error**2).mean()):.4f}  ({len(part)} texts)"
            )
        print(f"teacher   {'all':10} {name:12} cosine {cosines[judged].mean():.4f}")


def read_heldout(path):
    """(source, text) of each line "source<TAB>text" that distil.py kept out of the fit."""
    with open(path, encoding="utf-8") as handle:
        return [tuple(line.rstrip("\n").split("\t", 1)) for line in handle]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--table", action="append", required=True, metavar="NAME=DIR")
    parser.add_argument("--heldout", help="heldout.tsv written by distil.py")
    parser.add_argument("--locomo", help="locomo10.json")
    parser.add_argument("--packages", help="a dpkg status or apt Packages file, such as /var/lib/dpkg/status")
    options = parser.parse_args()
    tables = {name: read_table(folder) for name, _, folder in (entry.partition("=") for entry in options.table)}
    tokenizer = load_tokenizer()
    if options.heldout:
        teacher_report(tables, tokenizer, read_heldout(options.heldout))
    unseen = []
    if options.packages:
        unseen += [("packages", text) for pair in read_packages(options.packages) for text in pair]
    if options.locomo:
        talks = [turns for turns, _ in read_conversations(options.locomo)][:2]
        unseen += [("locomo", f"{turn['author']}: {turn['text']}") for turns in talks for turn in turns]
    if unseen:
        teacher_report(tables, tokenizer, unseen)
    tokenizer.no_truncation()

    def embed(rows, texts):
        encoded = tokenizer.encode_batch(texts, add_special_tokens=False)
        return static_vectors(rows, [encoding.ids for encoding in encoded])

    if options.packages:
        packages_report(tables, embed, options.packages)
    if options.locomo:
        locomo_report(tables, embed, options.locomo)


if __name__ == "__main__":
    main()
