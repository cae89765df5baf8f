import fc from "fast-check";
import { expect, test } from "vitest";
import { encodeBag, makeBag } from "./bag.ts";
import { feedbackTerms, feedbackWeight } from "./feedback.ts";
import { tuning } from "./tuning.ts";

const numberOf = (term: string): number => Number(term.slice(1));
const bagOf = (...terms: number[]): Uint8Array =>
  encodeBag(
    makeBag(
      terms.map((term) => `t${term}`),
      [],
      numberOf,
    ),
  );
const rarity = (term: number): number => 1 / term;

test("REC-1 asks again with the rarest terms that the best documents share, never with the question's own", () => {
  const sources = [
    { bag: bagOf(1, 2, 3, 9), score: 0.8 },
    { bag: bagOf(1, 3, 50), score: 0.4 },
  ];
  const terms = feedbackTerms(sources, new Set([1]), rarity);
  expect(terms.map(({ term }) => term)).toEqual([2, 3, 9, 50]);
  expect(terms.map(({ weight }) => weight)).toEqual([
    1,
    expect.closeTo(1.2 / 3 / 0.4, 9),
    expect.closeTo(0.8 / 9 / 0.4, 9),
    expect.closeTo(0.4 / 50 / 0.4, 9),
  ]);
});

test("REC-1 takes a long text's terms from the passage that answers, not from its beginning", () => {
  const filler = Array.from({ length: 2 * tuning.passageTerms }, (_, at) => 1_000 + at);
  const long = bagOf(...filler, 5, 77);
  const terms = feedbackTerms([{ bag: long, score: 1 }], new Set([5]), (term) => (term === 5 ? 9 : 1));
  expect(terms.every(({ term }) => term === 77 || term >= 1_080)).toBe(true);
});

test("REC-1 has nothing to ask when the best documents hold only the question", () => {
  expect(feedbackTerms([{ bag: bagOf(1, 2), score: 1 }], new Set([1, 2]), rarity)).toEqual([]);
  expect(feedbackTerms([], new Set([1]), rarity)).toEqual([]);
});

test("REC-1 keeps to a few terms with weights from above 0 to 1, whatever the documents", () => {
  const source = fc.record({
    bag: fc.array(fc.integer({ min: 1, max: 400 }), { maxLength: 200 }).map((terms) => bagOf(...terms)),
    score: fc.double({ min: 0.001, max: 3, noNaN: true }),
  });
  fc.assert(
    fc.property(fc.array(source, { maxLength: 4 }), fc.uniqueArray(fc.nat(400)), (sources, asked) => {
      const terms = feedbackTerms(sources, new Set(asked), rarity);
      expect(terms.length).toBeLessThanOrEqual(tuning.feedbackTerms);
      expect(terms.every(({ term, weight }) => !asked.includes(term) && weight > 0 && weight <= 1)).toBe(true);
      expect(terms.map(({ weight }) => weight)).toEqual(terms.map(({ weight }) => weight).toSorted((a, b) => b - a));
    }),
  );
});

test("REC-1 helps short questions in full and long ones less", () => {
  expect(feedbackWeight(3)).toBe(tuning.feedback);
  expect(feedbackWeight(0)).toBe(tuning.feedback);
  expect(feedbackWeight(2 * tuning.feedbackQuestionTerms)).toBeCloseTo(tuning.feedback / 2, 9);
});
