"""Collects the text that the table is fitted on, from installed packages only; never from a benchmark.

Each source gives a list of lines in a fixed order; a line is a sentence or a short paragraph.
"""

import gzip
import os
import random
import re

from everyday import everyday_lines
from wordnet import split_gloss, synsets

WHITE = re.compile(r"\s+")
SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[A-Z\"'])")
PARTS = ("noun", "verb", "adj", "adv")


def tidy(text):
    """One line without needless white space."""
    return WHITE.sub(" ", text).strip()


def worth_keeping(line):
    """Whether a line is prose: several words, mostly letters."""
    letters = sum(character.isalpha() or character == " " for character in line)
    return len(line) >= 12 and line.count(" ") >= 2 and letters >= 0.8 * len(line)


def wordnet_lines(folder):
    """Definitions (some behind their words), and example sentences."""
    for part in PARTS:
        for index, (_, _, words, _, gloss) in enumerate(synsets(folder, part)):
            definition, examples = split_gloss(gloss)
            named = f"{', '.join(words)}: {definition}"
            if index % 3 == 0:
                yield definition
            elif index % 3 == 1:
                yield named
            else:
                yield f"{words[index % len(words)]}, {definition}"
            yield from examples


def fortune_lines(folder):
    """Sayings, whole and where long also by the sentence."""
    for name in sorted(os.listdir(folder)):
        path = os.path.join(folder, name)
        if "." in name or name == "ascii-art" or not os.path.isfile(path):
            continue
        with open(path, encoding="utf-8", errors="replace") as handle:
            for saying in handle.read().split("\n%\n"):
                body = tidy(re.split(r"\n\s*-- ", saying)[0])
                yield body
                if len(body) > 160:
                    yield from SENTENCE_END.split(body)


def rst_lines(folder):
    """Paragraphs and sentences of reStructuredText, markup dropped."""
    paths = [os.path.join(root, name) for root, _, names in os.walk(folder) for name in names]
    for path in sorted(paths):
        if not re.search(r"\.(rst|txt)(\.txt)?$", path):
            continue
        with open(path, encoding="utf-8", errors="replace") as handle:
            for paragraph in re.split(r"\n\s*\n", handle.read()):
                if re.search(r"^(\s*\.\. |\s*>>>|[=\-*~^]{3})", paragraph, re.M):
                    continue
                text = re.sub(r":[\w:]+:`~?([^`<]+)(<[^`]*>)?`", r"\1", paragraph)
                text = tidy(re.sub(r"``?|\*\*?|[|_]+", " ", text))
                if len(text) < 250:
                    yield text
                else:
                    yield from SENTENCE_END.split(text)


def man_lines(folder):
    """Paragraphs of manual pages, roff markup dropped."""
    paths = [os.path.join(root, name) for root, _, names in os.walk(folder) for name in names if name.endswith(".gz")]
    for path in sorted(paths):
        with gzip.open(path, "rt", encoding="utf-8", errors="replace") as handle:
            text = re.sub(r"^\.\\\".*$", "", handle.read(), flags=re.M)
        text = re.sub(r"^\.(?:B|I|BR|IR|RB|RI|BI|IB|SM) ?", "", text, flags=re.M)
        for paragraph in re.split(r"(?:^|\n)\.[A-Za-z]+[^\n]*\n", text):
            if re.search(r"^\.", paragraph, re.M):
                continue  # tables and other requests that are not prose
            plain = re.sub(r"\\f\(?\w\w?|\\&|\\\(\w\w|\\[*]\S", "", paragraph).replace("\\-", "-").replace('"', "")
            yield from SENTENCE_END.split(tidy(plain))


def collect(sources, everyday_count, seed):
    """Lines by source: {"wordnet": [...], ...}, each cleaned, without repeats, and at most its quota.

    `sources` is a list of (name, kind, folder, quota); kinds: wordnet, fortunes, rst, man. Everyday sentences need
    WordNet's folder for their nouns.
    """
    readers = {"wordnet": wordnet_lines, "fortunes": fortune_lines, "rst": rst_lines, "man": man_lines}
    seen, result = set(), {}
    for name, kind, folder, quota in sources:
        lines = []
        for raw in readers[kind](folder):
            line = tidy(raw)
            if line not in seen and (worth_keeping(line) or kind == "wordnet") and line:
                seen.add(line)
                lines.append(line)
        random.Random(f"{seed} {name}").shuffle(lines)
        result[name] = lines[:quota]
    wordnet_folder = next(folder for _, kind, folder, _ in sources if kind == "wordnet")
    result["everyday"] = [line for line in everyday_lines(wordnet_folder, everyday_count, seed) if line not in seen]
    return result
