import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { mean, pairedDifference, percentiles, standardError } from "./statistics.ts";

describe("statistics", () => {
  test("REC-8 the bootstrap's standard error is that of the textbook", () => {
    const values = Array.from({ length: 400 }, (_, at) => (at % 4 === 0 ? 1 : 0));
    // A share of a quarter among 400: the root of p(1 − p)/n.
    expect(standardError(values)).toBeCloseTo(Math.sqrt((0.25 * 0.75) / 400), 2);
    expect(standardError(values)).toBe(standardError(values));
    expect(standardError([0.5, 0.5, 0.5])).toBe(0);
  });

  test("REC-8 pairing shows a difference that two means would hide", () => {
    // Questions differ a lot among themselves, and one run finds a little more of each tenth.
    const before = Array.from({ length: 500 }, (_, at) => (at % 2 === 0 ? 0 : 0.9));
    const now = before.map((value, at) => (at % 10 === 0 ? value + 0.1 : value));
    const paired = pairedDifference(before, now);
    expect(paired.difference).toBeCloseTo(0.01, 12);
    expect(paired.low).toBeGreaterThan(0);
    expect(paired.high).toBeLessThan(0.02);
    expect(paired.standardError).toBeLessThan(standardError(before) / 5);
  });

  test("REC-8 the interval holds the difference, and runs that do not differ give none", () => {
    const scores = fc.array(
      fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true })),
      {
        minLength: 5,
        maxLength: 40,
      },
    );
    fc.assert(
      fc.property(scores, (pairs) => {
        const [before, now] = [pairs.map(([value]) => value), pairs.map(([, value]) => value)];
        const { difference, low, high } = pairedDifference(before, now);
        expect(difference).toBeCloseTo(mean(now) - mean(before), 9);
        expect(low).toBeLessThanOrEqual(high);
        expect(Math.abs(difference - (low + high) / 2)).toBeLessThanOrEqual(high - low + 1e-9);
        expect(pairedDifference(now, now)).toEqual({ difference: 0, standardError: 0, low: 0, high: 0 });
      }),
      { numRuns: 20 },
    );
  });

  test("REC-8 percentiles are by nearest rank", () => {
    const times = Array.from({ length: 100 }, (_, at) => 100 - at);
    expect(percentiles(times)).toEqual({ p50: 50, p95: 95, p99: 99 });
    expect(percentiles([7])).toEqual({ p50: 7, p95: 7, p99: 7 });
  });
});
