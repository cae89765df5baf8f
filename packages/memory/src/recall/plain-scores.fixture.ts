/**
 * The lexical formula word by word, slow and plain, to hold the index against: formulas 2 and 3 of docs/recall.md. Bags
 * of passages with what the session's neighbours lend, BM25 over what is current, the best passage divided by the best
 * that the question could reach and by the passage penalty.
 */
import { tuning } from "./tuning.ts";

export interface PlainDoc {
  readonly terms: readonly number[];
  readonly extra: readonly number[];
  readonly session: number;
  readonly position: number;
  readonly live: boolean;
}

/** ℓ of each document; `population` says which the question may see. */
export const plainScores = (
  docs: readonly PlainDoc[],
  question: readonly number[],
  population: readonly boolean[],
): readonly number[] => {
  const count = (list: readonly number[], term: number): number =>
    Math.min(15, list.filter((one) => one === term).length);
  const around = (doc: number): readonly (readonly [head: readonly number[], weight: number])[] => {
    const { session, live } = docs[doc]!;
    if (session < 0 || !live) return [];
    const row = docs
      .map((one, at) => ({ ...one, at }))
      .filter((one) => one.session === session && one.live)
      .toSorted((a, b) => a.position - b.position || a.at - b.at);
    const here = row.findIndex(({ at }) => at === doc);
    return row.flatMap(({ terms }, at) => {
      const distance = Math.abs(at - here);
      if (distance === 0 || distance > tuning.contextDistance) return [];
      const decay = at < here ? tuning.contextBefore : tuning.contextAfter;
      return [[terms.slice(0, Math.min(tuning.contextTerms, terms.length)), decay ** distance] as const];
    });
  };
  const passagesOf = ({ terms, extra }: PlainDoc): readonly (readonly number[])[] => {
    const pieces = Math.max(1, Math.ceil(terms.length / tuning.passageTerms));
    return Array.from({ length: pieces }, (_, piece) => [
      ...terms.slice(Math.floor((piece * terms.length) / pieces), Math.floor(((piece + 1) * terms.length) / pieces)),
      ...extra,
    ]);
  };
  const passages = docs.flatMap((one, doc) => {
    const lent = around(doc);
    const borrowed = lent.reduce((sum, [head, weight]) => sum + weight * head.length, 0);
    return passagesOf(one).map((terms) => ({
      doc,
      pieces: passagesOf(one).length,
      length: terms.length + borrowed,
      weightOf: (term: number) =>
        count(terms, term) + lent.reduce((sum, [head, weight]) => sum + weight * count(head, term), 0),
    }));
  });
  const live = passages.filter(({ doc }) => docs[doc]!.live);
  const allLengths = live.reduce((sum, { length }) => sum + length, 0);
  const average = allLengths === 0 ? 1 : allLengths / live.length;
  const scores = docs.map(() => 0);
  const idfs = question.map((term) => {
    const holding =
      term < 0 ? 0 : passages.filter(({ doc, weightOf }) => population[doc] === true && weightOf(term) > 0).length;
    return Math.log(1 + (Math.max(live.length, holding) - holding + 0.5) / (holding + 0.5));
  });
  const best = idfs.reduce((sum, idf) => sum + idf * (tuning.k1 + 1), 0);
  for (const { doc, pieces, length, weightOf } of passages) {
    if (population[doc] !== true) continue;
    const total = question.reduce((sum, term, at) => {
      const frequency = term < 0 ? 0 : weightOf(term);
      const saturated = frequency + tuning.k1 * (1 - tuning.b + (tuning.b * length) / average);
      return frequency === 0 ? sum : sum + (idfs[at]! * (tuning.k1 + 1) * frequency) / saturated;
    }, 0);
    const value = best === 0 ? 0 : total / best / (1 + tuning.passagePenalty * Math.log(pieces));
    scores[doc] = Math.max(scores[doc]!, value);
  }
  return scores;
};
