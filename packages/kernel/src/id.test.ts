import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isUuid, makeIdSource } from "./id.ts";

describe("ids", () => {
  test("MEM-1 are UUIDs of version 7 that carry the time in their first 48 bits", () => {
    const at = Date.UTC(2026, 10, 21);
    const id = makeIdSource(() => at)();
    expect(isUuid(id)).toBe(true);
    expect(Number.parseInt(id.replaceAll("-", "").slice(0, 12), 16)).toBe(at);
  });

  test("MEM-1 increase within one source whatever the clock does, and never repeat", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 2, maxLength: 300 }), (steps) => {
        let now = 1_000;
        const next = makeIdSource(() => now);
        const ids = steps.map((step) => {
          now += step - 1;
          return next();
        });
        for (const [at, id] of ids.entries()) {
          expect(isUuid(id)).toBe(true);
          if (at > 0) expect(id > ids[at - 1]!).toBe(true);
        }
      }),
    );
  });

  test("MEM-1 stay ordered when one millisecond holds more than the counter can count", () => {
    const next = makeIdSource(() => 5);
    const ids = Array.from({ length: 10_000 }, next);
    expect([...ids].sort()).toEqual(ids);
    expect(new Set(ids).size).toBe(ids.length);
  });

  test.each([
    "",
    "x",
    "01a1fe8d-b7e0-4138-930c-38e430eb8a06",
    "01a1fe8d-b7e0-7138-930c-38e430eb8a0",
    "../../etc/passwd",
  ])("MEM-1 takes %j for no id", (text) => {
    expect(isUuid(text)).toBe(false);
  });
});
