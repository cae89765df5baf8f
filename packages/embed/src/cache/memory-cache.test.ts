import fc from "fast-check";
import { expect, test } from "vitest";
import { makeMemoryCache } from "./memory-cache.ts";

test("EMB-4 memory keeps what was used last, within its bytes", () => {
  const operations = fc.array(fc.record({ key: fc.constantFrom("a", "b", "c", "d", "e"), write: fc.boolean() }));
  fc.assert(
    fc.property(operations, (given) => {
      const cache = makeMemoryCache(1_500);
      let model: string[] = [];
      for (const { key, write } of given) {
        const known = model.includes(key);
        if (write) cache.set(key, [new Float32Array(8)]);
        else expect(cache.get(key) !== undefined).toBe(known);
        if (!write && !known) continue;
        // 8 numbers, and what an entry costs besides: 402 bytes, so that three fit.
        model = [...model.filter((other) => other !== key), key].slice(-3);
      }
      expect(cache.figures()).toMatchObject({ entries: model.length, bytes: model.length * 402 });
    }),
  );
});

test("EMB-4 what is larger than the memory is not kept, and pushes nothing out", () => {
  const cache = makeMemoryCache(1_000);
  cache.set("a", [new Float32Array(8)]);
  cache.set("b", [new Float32Array(1_000)]);
  expect(cache.get("b")).toBeUndefined();
  expect(cache.get("a")).toHaveLength(1);
  expect(cache.figures().evictions).toBe(0);
});
