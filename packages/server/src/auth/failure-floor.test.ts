import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { makeFailureFloor } from "./failure-floor.ts";

/** A clock that goes on only while somebody waits; timers may come `early`. */
const setUp = (early = 0) => {
  let now = 1_000;
  const waits: number[] = [];
  const floor = makeFailureFloor({
    stepMs: 25,
    now: () => now,
    wait: async (milliseconds) => {
      waits.push(milliseconds);
      now += Math.max(0.1, milliseconds - (waits.length === 1 ? early : 0));
    },
  });
  return { floor, waits, now: () => now, work: (milliseconds: number) => void (now += milliseconds) };
};

describe("the time that a refusal takes", () => {
  test.each([
    [0, 25],
    [0.01, 25],
    [24.9, 25],
    [25, 25],
    [25.01, 50],
    [49, 50],
    [130, 150],
  ])("TEN-2 of %d ms of work is %d ms", async (work, expected) => {
    const { floor, now, work: doWork } = setUp();
    const since = floor.now();
    doWork(work);
    await floor.over(since);
    expect(now() - since).toBeGreaterThanOrEqual(expected);
    expect(now() - since).toBeLessThan(expected + 1);
  });

  test("TEN-2 is the same for all work below a step", async () => {
    await fc.assert(
      fc.asyncProperty(fc.double({ min: 0, max: 24.999, noNaN: true }), async (work) => {
        const { floor, waits, work: doWork } = setUp();
        const since = floor.now();
        doWork(work);
        await floor.over(since);
        expect(waits).toHaveLength(1);
        expect(Math.floor(floor.now() - since)).toBe(25);
      }),
    );
  });

  test("TEN-2 is not shorter because a timer came early", async () => {
    const { floor, now } = setUp(1.5);
    const since = floor.now();
    await floor.over(since);
    expect(now() - since).toBeGreaterThanOrEqual(25);
  });
});
