import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { frequencyOf, headOf, makePostings, mostPassages, passageOf } from "./postings.ts";

const appended = fc.array(
  fc.record({
    term: fc.oneof(fc.nat(3), fc.nat(5_000)),
    passage: fc.nat(mostPassages - 1),
    frequency: fc.integer({ min: 1, max: 15 }),
    head: fc.nat(15),
  }),
  { maxLength: 3_000, size: "max" },
);

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
          const read = Array.from(postings.read(term), (packed) => [
            passageOf(packed),
            frequencyOf(packed),
            headOf(packed),
          ]);
          expect(read).toEqual(model.get(term) ?? []);
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
    expect(Array.from(postings.read(7), passageOf)).toEqual(Array.from({ length: 20_000 }, (_, at) => at));
    expect(() => postings.append(7, mostPassages, 1, 0)).toThrow(expect.objectContaining({ code: "limit.exceeded" }));
  });
});
