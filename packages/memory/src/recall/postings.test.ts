import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { frequencyOf, headOf, makePostings, mostPassages, passageOf, type Postings } from "./postings.ts";

const appended = fc.array(
  fc.record({
    term: fc.oneof(fc.nat(3), fc.nat(5_000)),
    passage: fc.nat(mostPassages - 1),
    frequency: fc.integer({ min: 1, max: 15 }),
    head: fc.nat(15),
  }),
  { maxLength: 3_000, size: "max" },
);

const readAll = (postings: Postings, term: number): readonly number[] => {
  const read: number[] = [];
  postings.eachBlock(term, (pool, from, to) => {
    read.push(...pool.subarray(from, to));
    return true;
  });
  return read;
};

describe("postings", () => {
  test("REC-1 are read back a term at a time in the order in which they came", () => {
    fc.assert(
      fc.property(appended, (list) => {
        const postings = makePostings();
        const model = new Map<number, (readonly [number, number, number])[]>();
        for (const { term, passage, frequency, head } of list) {
          postings.append(term, passage, frequency, head);
          model.set(term, [...(model.get(term) ?? []), [passage, frequency, head]]);
        }
        for (const term of [...model.keys(), 9_999_999, -1, 1]) {
          const read = readAll(postings, term).map((packed) => [
            passageOf(packed),
            frequencyOf(packed),
            headOf(packed),
          ]);
          expect(read).toEqual(model.get(term) ?? []);
          expect(postings.count(term)).toBe(read.length);
        }
      }),
      { numRuns: 30 },
    );
  });

  test("REC-1 of a word in every text stay whole across their blocks", () => {
    const postings = makePostings();
    for (let passage = 0; passage < 20_000; passage++) {
      postings.append(7, passage, 1 + (passage % 15), passage % 16);
      if (passage % 3 === 0) postings.append(8 + (passage % 100), passage, 1, 0);
    }
    expect(readAll(postings, 7).map(passageOf)).toEqual(Array.from({ length: 20_000 }, (_, at) => at));
    let blocks = 0;
    postings.eachBlock(7, () => ++blocks < 3);
    expect(blocks).toBe(3);
    expect(() => postings.append(7, mostPassages, 1, 0)).toThrow(expect.objectContaining({ code: "limit.exceeded" }));
  });
});
