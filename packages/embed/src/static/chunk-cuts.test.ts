import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { chunkCuts } from "./chunk-cuts.ts";

const noWords = () => false;

describe("cuts of a long text", () => {
  test("EMB-1: 254 pieces are one chunk, 300 are two of 150", () => {
    expect(chunkCuts(254, 254, noWords)).toEqual([254]);
    expect(chunkCuts(300, 254, noWords)).toEqual([150, 300]);
    expect(chunkCuts(508, 254, noWords)).toEqual([254, 508]);
    expect(chunkCuts(509, 254, noWords)).toEqual([170, 339, 509]);
    expect(chunkCuts(0, 254, noWords)).toEqual([]);
  });

  test("EMB-1: a cut inside a word moves to the start of the word", () => {
    expect(chunkCuts(300, 254, (at) => at === 149 || at === 150)).toEqual([148, 300]);
  });

  test("EMB-1: where moved cuts would overflow a chunk, there is one chunk more", () => {
    const cuts = chunkCuts(508, 254, (at) => at === 254);
    expect(cuts).toEqual([169, 339, 508]);
  });

  test("EMB-1: chunks are full, in order, within capacity, and no word of usual length is cut", () => {
    const words = fc.array(fc.integer({ min: 1, max: 100 }), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(words, fc.integer({ min: 190, max: 254 }), (lengths, capacity) => {
        const continues = lengths.flatMap((length) => Array.from({ length }, (_, at) => at > 0));
        const cuts = chunkCuts(continues.length, capacity, (at) => continues[at] === true);
        expect(cuts.at(-1)).toBe(continues.length);
        cuts.forEach((end, index) => {
          const length = end - (cuts[index - 1] ?? 0);
          expect(length).toBeGreaterThan(0);
          expect(length).toBeLessThanOrEqual(capacity);
          expect(continues[end] ?? false).toBe(false);
        });
      }),
    );
  });

  test("EMB-1: a word longer than a chunk is cut through", () => {
    const cuts = chunkCuts(1_000, 254, (at) => at > 0);
    expect(cuts).toEqual([254, 508, 762, 1_000]);
  });
});
