import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { calibrate, explain, fuse, raised, scoreFor } from "./fuse.ts";

const share = fc.double({ min: 0, max: 1, noNaN: true });
const signals = fc.record({
  lexical: share,
  dense: share,
  ownTerms: fc.nat(200),
  author: fc.constantFrom(0, 1),
  session: share,
  time: fc.constantFrom(0, 1),
  reply: share,
  timeCue: fc.constantFrom(0, 1),
  feedback: share,
  feedbackWeight: share,
});

describe("fusion", () => {
  test("REC-5 explains exactly what it adds", () => {
    fc.assert(
      fc.property(signals, (given) => {
        const told = explain(given, ["key: k"], "may read");
        expect(Math.abs(told.score - fuse(given))).toBeLessThan(1e-12);
        expect(told.similarity).toBe(calibrate(told.score));
      }),
    );
  });

  test("EMB-2 frees cosines of what unrelated texts have in common, and keeps their order", () => {
    expect([raised(0.4, 0.4), raised(0.2, 0.4), raised(1, 0.4), raised(0.7, 0)]).toEqual([0, 0, 1, 0.7]);
    expect(raised(0.7, 0.4)).toBeCloseTo(0.5, 9);
  });

  test("REC-1 calibrates to 0..1, never falling, and back", () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 3, noNaN: true }), fc.double({ min: 0, max: 3, noNaN: true }), (a, b) => {
        const [low, high] = a < b ? [a, b] : [b, a];
        expect(calibrate(low)).toBeLessThanOrEqual(calibrate(high));
        expect(calibrate(high)).toBeLessThan(1);
        expect(calibrate(low)).toBeGreaterThanOrEqual(0);
      }),
    );
    fc.assert(
      fc.property(fc.double({ min: 0.001, max: 0.999, noNaN: true }), (similarity) => {
        expect(calibrate(scoreFor(similarity))).toBeCloseTo(similarity, 9);
      }),
    );
    expect([scoreFor(0), scoreFor(1)]).toEqual([0, Number.POSITIVE_INFINITY]);
    expect(calibrate(-1)).toBe(0);
  });
});
