"""Reads WordNet's data files (wndb(5WN)): glosses, examples, and which nouns are common."""

import os
import re

LEXNAMES = dict(
    enumerate(
        "adj.all adj.pert adv.all noun.Tops noun.act noun.animal noun.artifact noun.attribute noun.body "
        "noun.cognition noun.communication noun.event noun.feeling noun.food noun.group noun.location noun.motive "
        "noun.object noun.person noun.phenomenon noun.plant noun.possession noun.process noun.quantity "
        "noun.relation noun.shape noun.state noun.substance noun.time".split()
    )
)
"""Number of the lexicographer file -> its name (lexnames(5WN)); verbs are not needed here."""

EXAMPLE = re.compile(r'"([^"]+)"')


def synsets(folder, part):
    """Yields (offset, lexicographer file, words, pointers, gloss) for a part of speech: noun, verb, adj or adv.

    `pointers` are (symbol, offset, part) triples.
    """
    with open(os.path.join(folder, f"data.{part}"), encoding="utf-8") as handle:
        for line in handle:
            if line.startswith("  "):
                continue  # the licence at the head of the file
            data, _, gloss = line.partition(" | ")
            fields = data.split()
            count = int(fields[3], 16)
            words = [re.sub(r"\(\w+\)$", "", word).replace("_", " ") for word in fields[4 : 4 + 2 * count : 2]]
            first = 4 + 2 * count
            pointers = [tuple(fields[first + 1 + 4 * i : first + 4 + 4 * i]) for i in range(int(fields[first]))]
            yield fields[0], LEXNAMES.get(int(fields[1]), "verb"), words, pointers, gloss.strip()


def split_gloss(gloss):
    """Parts a gloss into its definition and its quoted examples."""
    return EXAMPLE.sub("", gloss).strip(" ;\n"), EXAMPLE.findall(gloss)


def common_nouns(folder, files):
    """Nouns of some lexicographer files -> how often they were tagged in the texts behind WordNet; only tagged ones."""
    wanted = {number for number, name in LEXNAMES.items() if name in files}
    counts = {}
    with open(os.path.join(folder, "cntlist.rev"), encoding="utf-8") as handle:
        for line in handle:
            key, _, count = line.split()
            lemma, _, sense = key.partition("%")
            part, number = sense.split(":")[:2]
            if part == "1" and int(number) in wanted and lemma.isascii():
                noun = lemma.replace("_", " ")
                counts[noun] = counts.get(noun, 0) + int(count)
    return counts
