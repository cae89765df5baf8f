"""Finding a Debian package's description by its synopsis: technical prose, unlike conversations."""

import re

import numpy as np


def read_packages(path):
    """(synopsis, description) of each package of a dpkg status file or an apt Packages file."""
    with open(path, encoding="utf-8", errors="replace") as handle:
        for block in handle.read().split("\n\n"):
            match = re.search(r"^Description(?:-en)?: (.+)\n((?: .*\n?)+)", block, re.M)
            if match and len(match[2]) > 80:
                yield match[1], re.sub(r"\s+", " ", re.sub(r"^ \.?", " ", match[2], flags=re.M)).strip()[:1000]


def packages_report(tables, embed, path):
    """How often a package's description is found by its synopsis: share first, in the top 10, mean reciprocal rank."""
    pairs = {}
    for synopsis, description in read_packages(path):
        if description not in pairs.values():
            pairs.setdefault(synopsis, description)
    queries, documents = list(pairs), list(pairs.values())
    for name, rows in tables.items():
        scores = embed(rows, queries) @ embed(rows, documents).T
        ranks = (scores > np.diag(scores)[:, None]).sum(axis=1) + 1
        print(
            f"packages  {name:12} first {100 * (ranks == 1).mean():.1f}  top 10 {100 * (ranks <= 10).mean():.1f}  "
            f"MRR {(1 / ranks).mean():.4f}  ({len(queries)} packages)"
        )
