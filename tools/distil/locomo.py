"""Evidence recall on conversations in LoCoMo's format. For measuring only: never fit on them."""

import json
import re

import numpy as np

from lexical import Bags, bag_of, terms

NEIGHBOURS = 3
DECAY = 0.5
"""How many turns before and after belong to a turn's words, and how much each step away weakens them."""

EVIDENCE = re.compile(r"D(\d+):(\d+)")


def read_conversations(path):
    """[(turns, questions)]: turns are dicts of id, author, text, session and date; questions are (text, gold)."""
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


def context_bags(turns, words):
    """A turn's words, author and date, and its session's neighbouring words, weaker with distance."""
    for index, turn in enumerate(turns):
        bag = bag_of(words[index] + terms(turn["author"]) + terms(turn["date"]))
        for other in range(max(0, index - NEIGHBOURS), min(len(turns), index + NEIGHBOURS + 1)):
            if other != index and turns[other]["session"] == turn["session"]:
                bag_of(words[other][:30], DECAY ** abs(other - index), bag)
        yield bag


def conversation_results(tables, embed, turns, questions):
    """Yields (method, table, recall) for each question of one conversation."""
    words = [terms(turn["text"]) for turn in turns]
    plain = Bags([bag_of(terms(turn["author"]) + own) for turn, own in zip(turns, words, strict=True)], 1.2, 0.75)
    context = Bags(list(context_bags(turns, words)), 1.0, 0.7)
    length_penalty = np.sqrt(np.minimum(1, np.array([len(own) for own in words]) / 16))
    sessions = np.array([turn["session"] for turn in turns])
    spoken = [f"{turn['author']}: {turn['text']}" for turn in turns]
    vectors = {name: embed(rows, spoken) for name, rows in tables.items()}
    asked = {name: embed(rows, [question for question, _ in questions]) for name, rows in tables.items()}
    for which, (question, gold) in enumerate(questions):
        query = terms(question)
        lexical, _ = plain.scores(query)
        local, best = context.scores(query)
        local = local / best if best else local
        best_of_session = {session: np.sort(local[sessions == session])[-3:].mean() for session in set(sessions)}
        named = np.array([turn["author"].lower() in question.lower() for turn in turns])
        base = local + 0.06 * named + 0.1 * np.array([best_of_session[session] for session in sessions])
        yield "BM25", "-", recall_at_10(lexical, gold)
        yield "formula", "-", recall_at_10(base, gold)
        for name in tables:
            cosine = vectors[name] @ asked[name][which]
            yield "static", name, recall_at_10(cosine, gold)
            yield "min-max", name, recall_at_10(scale(lexical) + scale(cosine), gold)
            yield "formula", name, recall_at_10(base + 0.4 * cosine * length_penalty, gold)


def locomo_report(tables, embed, path):
    """Prints evidence recall@10 in percent on dev (conversations 1-5), test (6-10) and all: BM25; static cosine alone;
    their min-max sum; and the product's sum of context, cosine with a penalty for short turns, author and session.
    """
    results = {}
    for number, (turns, questions) in enumerate(read_conversations(path)):
        for method, name, recall in conversation_results(tables, embed, turns, questions):
            results.setdefault((method, name), ([], []))[number >= 5].append(100 * recall)
    for (method, name), (dev, test) in sorted(results.items()):
        figures = f"dev {np.mean(dev):.1f}  test {np.mean(test):.1f}  all {np.mean(dev + test):.1f}"
        print(f"LoCoMo    {method:8} {name:12} {figures}  ({len(dev + test)} questions)")
