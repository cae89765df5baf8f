import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Bag, encodeBag, makeBag, type Passage, type Posting, visitBag } from "./bag.ts";
import { tuning } from "./tuning.ts";

const decode = (bytes: Uint8Array): Bag => {
  let head = 0;
  let own = 0;
  const passages: { length: number; postings: Posting[] }[] = [];
  visitBag(bytes, {
    start: (headLength, ownLength, count) => {
      head = headLength;
      own = ownLength;
      expect(count).toBeGreaterThan(0);
    },
    passage: (length) => void passages.push({ length, postings: [] }),
    posting: (term, frequency, headFrequency) =>
      void passages.at(-1)?.postings.push({ term, frequency, head: headFrequency }),
  });
  return { headLength: head, ownLength: own, passages };
};

const terms = fc.array(
  fc.integer({ min: 0, max: 40 }).map((number) => `t${number}`),
  { maxLength: 400 },
);

/** Numbers far apart and in no order, as a lexicon in use gives them. */
const makeIds = (start: number, stride: number): ((term: string) => number) => {
  const ids = new Map<string, number>();
  return (term) => {
    const known = ids.get(term) ?? start + ((ids.size * 7_919) % 997) * stride;
    ids.set(term, known);
    return known;
  };
};

describe("bags of terms", () => {
  test("REC-1 come back from their bytes as they were", () => {
    fc.assert(
      fc.property(
        terms,
        terms,
        fc.integer({ min: 1, max: 2_000_000 }),
        fc.integer({ min: 1, max: 2_000_000 }),
        (text, extra, start, stride) => {
          const bag = makeBag(text, extra.slice(0, 6), makeIds(start, stride));
          expect(decode(encodeBag(bag))).toEqual(bag);
        },
      ),
    );
  });

  test("REC-1 hold every term of the text once, cut into equal passages, with author and date in each", () => {
    fc.assert(
      fc.property(terms, (text) => {
        const idOf = makeIds(1, 1);
        const extra = ["author", "may"];
        const { passages, headLength, ownLength } = makeBag(text, extra, idOf);
        expect(ownLength).toBe(text.length);
        expect(headLength).toBe(Math.min(text.length, tuning.contextTerms));
        expect(passages).toHaveLength(Math.max(1, Math.ceil(text.length / tuning.passageTerms)));
        const lengths = passages.map(({ length }) => length - extra.length);
        expect(lengths.reduce((sum, length) => sum + length, 0)).toBe(text.length);
        expect(Math.max(...lengths) - Math.min(...lengths)).toBeLessThanOrEqual(1);
        expect(Math.max(...lengths)).toBeLessThanOrEqual(tuning.passageTerms);
        const frequencyOf = (passage: Passage, term: string) =>
          passage.postings.find((posting) => posting.term === idOf(term))?.frequency ?? 0;
        for (const passage of passages) for (const term of extra) expect(frequencyOf(passage, term)).toBe(1);
        let from = 0;
        for (const [at, passage] of passages.entries()) {
          const part = text.slice(from, from + lengths[at]!);
          from += part.length;
          const head = at === 0 ? part.slice(0, tuning.contextTerms) : [];
          for (const term of new Set(part)) {
            const count = (list: readonly string[]) => Math.min(15, list.filter((one) => one === term).length);
            const posting = passage.postings.find((one) => one.term === idOf(term));
            expect([posting?.frequency, posting?.head]).toEqual([count(part), count(head)]);
          }
          const sorted = passage.postings.map((posting) => posting.term);
          expect(sorted).toEqual(sorted.toSorted((a, b) => a - b));
        }
      }),
    );
  });
});
