import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { makeUnitCache } from "./unit-cache.ts";

describe("the cache of tokenized words", () => {
  test("EMB-1: gives back only what was set last", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.integer({ min: 0, max: 30 }), fc.integer())), (writes) => {
        const cache = makeUnitCache<number>(8);
        const model = new Map<string, number>();
        for (const [name, value] of writes) {
          const key = `a-rather-long-key-${name}`;
          cache.set(key, value);
          model.set(key, value);
          expect(cache.get(key)).toBe(value);
        }
        for (const [key, value] of model) expect([undefined, value]).toContain(cache.get(key));
      }),
    );
  });

  test("EMB-1: forgets the oldest when it is full and keeps what is in use", () => {
    const cache = makeUnitCache<number>(8);
    cache.set("kept", 0);
    for (let entry = 0; entry < 100; entry += 1) {
      cache.set(`passing ${entry}`, entry);
      expect(cache.get("kept")).toBe(0);
    }
    const alive = Array.from({ length: 100 }, (_, entry) => cache.get(`passing ${entry}`)).filter(
      (value) => value !== undefined,
    );
    expect(alive.length).toBeLessThanOrEqual(8);
  });
});
