import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { makeHybridClock } from "./hybrid-clock.ts";

describe("the hybrid logical clock", () => {
  test("SYN-3 gives times that sort as text in the order in which they were given, even when the wall clock jumps back", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -1_000, max: 1_000 }), { maxLength: 200 }), (jumps) => {
        let now = 1_700_000_000_000;
        const clock = makeHybridClock(() => now);
        let last = clock.tick();
        for (const jump of jumps) {
          now += jump;
          const next = clock.tick();
          expect(next > last).toBe(true);
          last = next;
        }
      }),
    );
  });

  test("SYN-3 comes after every time that it has seen", () => {
    const ahead = makeHybridClock(() => 2_000_000);
    const behind = makeHybridClock(() => 1_000_000);
    const seen = ahead.tick();
    behind.see(seen);
    expect(behind.tick() > seen).toBe(true);
  });

  test("SYN-3 goes on after a restart from the last time that was written down", () => {
    const before = makeHybridClock(() => 1_000);
    const last = [before.tick(), before.tick(), before.tick()].at(-1)!;
    expect(makeHybridClock(() => 1_000, last).tick() > last).toBe(true);
  });
});
