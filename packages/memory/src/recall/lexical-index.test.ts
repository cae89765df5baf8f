import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { encodeBag, makeBag } from "./bag.ts";
import { makeLexicalIndex } from "./lexical-index.ts";
import { tuning } from "./tuning.ts";

interface Doc {
  readonly terms: readonly number[];
  readonly extra: readonly number[];
  readonly session: number;
  readonly position: number;
  readonly live: boolean;
}

/**
 * Formulas 2 and 3 of docs/recall.md word by word: bags of passages with what the session's neighbours lend, BM25 over
 * what is current, the best passage divided by the best that the question could reach and by the passage penalty.
 */
const naiveScores = (
  docs: readonly Doc[],
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
      return [[terms.slice(0, Math.min(tuning.contextTerms, terms.length)), tuning.contextDecay ** distance] as const];
    });
  };
  const passagesOf = ({ terms, extra }: Doc): readonly (readonly number[])[] => {
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

const term = fc.integer({ min: 1, max: 9 });
const text = fc.oneof(
  { weight: 4, arbitrary: fc.array(term, { maxLength: 12 }) },
  { weight: 1, arbitrary: fc.array(term, { minLength: 50, maxLength: 160, size: "max" }) },
);
const steps = fc.array(
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({
        terms: text,
        extra: fc.array(term, { maxLength: 2 }),
        session: fc.integer({ min: -1, max: 2 }),
        position: fc.nat(5),
      }),
    },
    { weight: 1, arbitrary: fc.record({ close: fc.nat() }) },
  ),
  { maxLength: 25 },
);

describe("the lexical index", () => {
  test("REC-1 scores as the formula says, whatever came, went and stood beside it", () => {
    fc.assert(
      fc.property(
        steps,
        fc.uniqueArray(fc.integer({ min: -1, max: 10 }), { maxLength: 5 }),
        fc.boolean(),
        (list, question, past) => {
          const index = makeLexicalIndex();
          const docs: Doc[] = [];
          for (const step of list) {
            if ("close" in step) {
              const doc = step.close % Math.max(1, docs.length);
              if (docs[doc] === undefined) continue;
              index.close(doc);
              docs[doc] = { ...docs[doc], live: false };
            } else {
              const bag = makeBag(step.terms.map(String), step.extra.map(String), Number);
              index.add(docs.length, encodeBag(bag), step.session, step.position);
              docs.push({ ...step, live: true });
            }
          }
          // A question about the past may see what is closed by now.
          const population = docs.map(({ live }) => live || past);
          const mask = new Uint8Array(Math.max(1_024, docs.length));
          for (const [doc, seen] of population.entries()) mask[doc] = seen ? 1 : 0;
          const expected = naiveScores(docs, question, population);
          for (let again = 0; again < 2; again++) {
            const { scores, matched } = index.score(question, mask);
            for (const [doc, value] of expected.entries()) expect(Math.abs(scores[doc]! - value)).toBeLessThan(1e-5);
            const found = expected.flatMap((value, doc) => (value > 0 ? [doc] : []));
            expect(Array.from(matched).toSorted((a, b) => a - b)).toEqual(found);
          }
          for (const [doc, { terms }] of docs.entries()) expect(index.ownTerms(doc)).toBe(terms.length);
        },
      ),
      { numRuns: 300 },
    );
  });

  test("REC-1 never scores beyond 1", () => {
    const index = makeLexicalIndex();
    const mask = new Uint8Array(1_024).fill(1);
    index.add(0, encodeBag(makeBag(Array<string>(59).fill("1"), [], Number)), -1, 0);
    expect(index.score([1], mask).scores[0]).toBeLessThanOrEqual(1);
    expect(index.score([1], mask).scores[0]).toBeGreaterThan(0.5);
  });
});
