import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { scoreAnswer } from "./metrics.ts";

describe("scores of one answer", () => {
  test("REC-8 two of three found at ranks 2 and 4 score as computed by hand", () => {
    const score = scoreAnswer(["x", "a", "y", "b"], ["a", "b", "c"], 10);
    expect(score.recall).toBeCloseTo(2 / 3, 12);
    expect(score.any).toBe(1);
    expect(score.all).toBe(0);
    expect(score.reciprocal).toBe(1 / 2);
    const found = 1 / Math.log2(3) + 1 / Math.log2(5);
    const ideal = 1 + 1 / Math.log2(3) + 1 / Math.log2(4);
    expect(score.ndcg).toBeCloseTo(found / ideal, 12);
    expect(score.ndcg).toBeCloseTo(0.4982, 4);
  });

  test("REC-8 grades weigh in nDCG and nowhere else", () => {
    // Gains 1, 0, 2 at ranks 1 to 3; at best 2, 1.
    const score = scoreAnswer(["low", "none", "high"], ["low", "high"], 10, { low: 1, high: 2 });
    expect(score.ndcg).toBeCloseTo((1 + 2 / Math.log2(4)) / (2 + 1 / Math.log2(3)), 12);
    expect([score.recall, score.any, score.all, score.reciprocal]).toEqual([1, 1, 1, 1]);
  });

  test("REC-8 what stands below the limit does not count, and an id that comes again counts once", () => {
    expect(scoreAnswer(["x", "a"], ["a"], 1)).toEqual({ recall: 0, any: 0, all: 0, reciprocal: 0, ndcg: 0 });
    expect(scoreAnswer(["a", "a", "b"], ["a", "b"], 2).recall).toBe(1);
  });

  test("REC-8 the best order scores 1 everywhere, any other no more, and every score lies between 0 and 1", () => {
    const ids = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(ids, ids, (gold, found) => {
        const perfect = scoreAnswer(gold, gold, gold.length);
        for (const value of Object.values(perfect)) expect(value).toBeCloseTo(1, 12);
        const score = scoreAnswer(found, gold, 10);
        for (const value of Object.values(score)) {
          expect(value).toBeGreaterThanOrEqual(0);
          expect(value).toBeLessThanOrEqual(1 + 1e-12);
        }
        expect(score.all).toBeLessThanOrEqual(score.any);
      }),
    );
  });
});
