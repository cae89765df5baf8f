"""Retrieval measurements: LoCoMo's evidence recall, and finding a package's description by its synopsis."""

import json
import math
import re

import numpy as np
import snowballstemmer

STOP = frozenset(
    "a an the and or but if of to in on at by for with about from as is are was were be been being am do does did doing have "
    "has had having i you he she it we they me him her us them my your his its our their this that these those what which "
    "who whom whose when where why how not no so than then too very can could will would shall should may might must just "
    "there here into over out up down off s t m re ve ll d".split()
)
WORD = re.compile(r"[a-z0-9]+")
STEMMER = snowballstemmer.stemmer("english")
FORMULA_DISTANCE = 3
FORMULA_DECAY = 0.5
EVIDENCE = re.compile(r"D(\d+):(\d+)")


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


def read_conversations(path):
    """[(turns, questions)]: turns are dicts of id, author, text, session and date; questions are (text, gold indexes)."""
    with open(path, encoding="utf-8") as handle:
        samples = json.load(handle)
    for sample in samples:
        talk, turns = sample["conversation"], []
        for key in sorted((k for k in talk if re.fullmatch(r"session_\d+", k)), key=lambda k: int(k.split("_")[1])):
            date = re.sub(r"^.* on ", "", talk.get(f"{key}_date_time", "")).replace(",", "")
            for turn in talk[key]:
                turns.append(
                    {
                        "id": turn["dia_id"],
                        "author": turn["speaker"],
                        "text": turn["text"],
                        "session": key,
                        "date": date,
                    }
                )
        place = {tuple(map(int, EVIDENCE.match(turn["id"]).groups())): index for index, turn in enumerate(turns)}
        questions = []
        for entry in sample["qa"]:
            found = {tuple(map(int, pair)) for item in entry.get("evidence", []) for pair in EVIDENCE.findall(item)}
            gold = {place[pair] for pair in found if pair in place}
            if gold:
                questions.append((str(entry["question"]), gold))
        yield turns, questions


def scale(scores):
    """Min-max to 0..1."""
    low, high = scores.min(), scores.max()
    return (scores - low) / (high - low) if high > low else scores * 0


def recall_at_10(scores, gold):
    top = np.argsort(-scores, kind="stable")[:10]
    return len(gold & set(top.tolist())) / len(gold)


def locomo_report(tables, embed, path):
    """Evidence recall@10 on dev (conversations 1-5) and test (6-10): static cosine alone, min-max sum with BM25, and
    Cairn's formula (context of the session, length penalty, author, session).
    """
    results = {}
    for number, (turns, questions) in enumerate(read_conversations(path)):
        half = "dev" if number < 5 else "test"
        words = [terms(turn["text"]) for turn in turns]
        plain = Bags([bag_of(terms(turn["author"]) + own) for turn, own in zip(turns, words)], 1.2, 0.75)
        bags = []
        for index, turn in enumerate(turns):
            bag = bag_of(words[index] + terms(turn["author"]) + terms(turn["date"]))
            for other in range(max(0, index - FORMULA_DISTANCE), min(len(turns), index + FORMULA_DISTANCE + 1)):
                if other != index and turns[other]["session"] == turn["session"]:
                    bag_of(words[other][:30], FORMULA_DECAY ** abs(other - index), bag)
            bags.append(bag)
        context = Bags(bags, 1.0, 0.7)
        length_penalty = np.sqrt(np.minimum(1, np.array([len(own) for own in words]) / 16))
        sessions = [turn["session"] for turn in turns]
        members = {session: [i for i, s in enumerate(sessions) if s == session] for session in set(sessions)}
        vectors = {
            name: embed(rows, [f"{turn['author']}: {turn['text']}" for turn in turns]) for name, rows in tables.items()
        }
        asked = {name: embed(rows, [question for question, _ in questions]) for name, rows in tables.items()}
        for which, (question, gold) in enumerate(questions):
            query = terms(question)
            lexical, _ = plain.scores(query)
            local, best = context.scores(query)
            local = local / best if best else local
            top = {session: np.sort(local[rows])[-3:].mean() for session, rows in members.items()}
            named = np.array([turn["author"].lower() in question.lower() for turn in turns])
            base = local + 0.06 * named + 0.1 * np.array([top[session] for session in sessions])
            results.setdefault(("BM25", "-", half), []).append(recall_at_10(lexical, gold))
            results.setdefault(("formula", "-", half), []).append(recall_at_10(base, gold))
            for name in tables:
                cosine = vectors[name] @ asked[name][which]
                results.setdefault(("static", name, half), []).append(recall_at_10(cosine, gold))
                results.setdefault(("min-max", name, half), []).append(
                    recall_at_10(scale(lexical) + scale(cosine), gold)
                )
                results.setdefault(("formula", name, half), []).append(
                    recall_at_10(base + 0.4 * cosine * length_penalty, gold)
                )
    for method, name in sorted({key[:2] for key in results}):
        dev, test = (results[(method, name, half)] for half in ("dev", "test"))
        mean = lambda values: 100 * np.mean(values)
        print(
            f"LoCoMo    {method:8} {name:12} dev {mean(dev):.1f}  test {mean(test):.1f}  all {mean(dev + test):.1f}  ({len(dev + test)} questions)"
        )


def read_packages(path):
    """(synopsis, description) of each package of a dpkg status file, names of packages taken out of the synopsis."""
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
