/**
 * Asking again with what the first answer taught: terms that the best documents hold beside the question's own find
 * what speaks of the same matter in other words (pseudo-relevance feedback; Lavrenko & Croft 2001, in the form RM3).
 * Only a few terms of a few documents are taken, and they count less than the question: a first answer may be wrong.
 */
import { visitBag } from "./bag.ts";
import { tuning } from "./tuning.ts";

export interface FeedbackSource {
  /** The document's bag (bag.ts). */
  readonly bag: Uint8Array;
  readonly score: number;
}

export interface FeedbackTerm {
  readonly term: number;
  /** Above 0, at most 1: the most telling term has 1. */
  readonly weight: number;
}

/** The distinct terms of the passage that holds most of the question, by the rarity of what it holds. */
const bestPassage = (
  bag: Uint8Array,
  asked: ReadonlySet<number>,
  rarity: (term: number) => number,
): readonly number[] => {
  let best: readonly number[] = [];
  let bestHeld = -1;
  let terms: number[] = [];
  let held = 0;
  const settle = (): void => {
    if (terms.length === 0 || held <= bestHeld) return;
    best = terms;
    bestHeld = held;
  };
  visitBag(bag, {
    start: () => undefined,
    passage: () => {
      settle();
      terms = [];
      held = 0;
    },
    posting: (term) => {
      terms.push(term);
      if (asked.has(term)) held += rarity(term);
    },
  });
  settle();
  return best;
};

/**
 * The terms to ask again with, the most telling first; none when the sources hold nothing but the question. `rarity` is
 * the inverse document frequency of a term of the space. Equal terms are ordered by their number.
 */
export const feedbackTerms = (
  sources: readonly FeedbackSource[],
  asked: ReadonlySet<number>,
  rarity: (term: number) => number,
): readonly FeedbackTerm[] => {
  const worth = new Map<number, number>();
  for (const { bag, score } of sources) {
    for (const term of bestPassage(bag, asked, rarity)) {
      if (!asked.has(term)) worth.set(term, (worth.get(term) ?? 0) + score);
    }
  }
  const ranked = [...worth]
    .map(([term, sum]) => ({ term, weight: sum * rarity(term) }))
    .filter(({ weight }) => weight > 0)
    .sort((one, other) => other.weight - one.weight || one.term - other.term)
    .slice(0, tuning.feedbackTerms);
  const most = ranked[0]?.weight ?? 1;
  return ranked.map(({ term, weight }) => ({ term, weight: weight / most }));
};

/** How far the second answer counts for a question of so many terms: a long question needs no help. */
export const feedbackWeight = (terms: number): number =>
  tuning.feedback * Math.min(1, tuning.feedbackQuestionTerms / Math.max(1, terms));
