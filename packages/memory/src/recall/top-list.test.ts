import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { makeTopList } from "./top-list.ts";

const score = fc.oneof(fc.nat(4), fc.double({ noNaN: true, noDefaultInfinity: true }));

describe("the best of a list", () => {
  test("REC-1 are those that sorting would give, the newer first among equals", () => {
    fc.assert(
      fc.property(fc.array(score, { maxLength: 80 }), fc.nat(12), fc.boolean(), (scores, size, backwards) => {
        const all = scores.map((value, item) => ({ item, score: value }));
        const top = makeTopList(size);
        for (const { item, score: value } of backwards ? all.toReversed() : all) top.offer(item, value);
        const expected = all.toSorted((a, b) => b.score - a.score || b.item - a.item).slice(0, size);
        expect(top.best()).toEqual(expected);
        expect(top.floor()).toBe(size > 0 && scores.length >= size ? expected.at(-1)!.score : Number.NEGATIVE_INFINITY);
      }),
    );
  });
});
