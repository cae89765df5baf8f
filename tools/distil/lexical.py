"""Words and BM25 for the measurements: close to the product's analyzer, small enough to read at a glance."""

import math
import re

import numpy as np
import snowballstemmer

STOP = frozenset(
    "a an the and or but if of to in on at by for with about from as is are was were be been being am do does "
    "did doing have has had having i you he she it we they me him her us them my your his its our their this "
    "that these those what which who whom whose when where why how not no so than then too very can could will "
    "would shall should may might must just there here into over out up down off s t m re ve ll d".split()
)
WORD = re.compile(r"[a-z0-9]+")
STEMMER = snowballstemmer.stemmer("english")


def terms(text):
    """Stems of a text without stop words."""
    folded = re.sub(r"['’](s|m|re|ve|ll|d|t)\b", "", text.lower())
    return STEMMER.stemWords([word for word in WORD.findall(folded) if word not in STOP])


class Bags:
    """Weighted bags of terms, scored by BM25 (Robertson & Zaragoza 2009)."""

    def __init__(self, bags, k1, b):
        self.postings, self.size, self.k1 = {}, len(bags), k1
        lengths = np.array([sum(bag.values()) for bag in bags])
        self.norm = k1 * (1 - b + b * lengths / max(lengths.mean(), 1e-9))
        for index, bag in enumerate(bags):
            for term, weight in bag.items():
                self.postings.setdefault(term, []).append((index, weight))

    def idf(self, term):
        found = len(self.postings.get(term, ()))
        return math.log(1 + (self.size - found + 0.5) / (found + 0.5))

    def scores(self, query):
        """(scores [n], the best that this query could reach)."""
        scores, best = np.zeros(self.size), 0.0
        for term in set(query):
            idf = self.idf(term)
            best += idf * (self.k1 + 1)
            for index, weight in self.postings.get(term, ()):
                scores[index] += idf * weight * (self.k1 + 1) / (weight + self.norm[index])
        return scores, best


def bag_of(words, weight=1.0, into=None):
    bag = {} if into is None else into
    for word in words:
        bag[word] = bag.get(word, 0) + weight
    return bag
