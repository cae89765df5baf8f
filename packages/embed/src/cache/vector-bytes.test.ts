import fc from "fast-check";
import { expect, test } from "vitest";
import { packVectors, unpackVectors } from "./vector-bytes.ts";

const numbers = fc.float({ noNaN: true });
const vectors = fc
  .record({ count: fc.integer({ min: 1, max: 5 }), dimensions: fc.integer({ min: 1, max: 9 }) })
  .chain(({ count, dimensions }) =>
    fc.array(
      fc.array(numbers, { minLength: dimensions, maxLength: dimensions }).map((given) => Float32Array.from(given)),
      { minLength: count, maxLength: count },
    ),
  );

test("EMB-4 vectors come back from their bytes exactly", () => {
  fc.assert(
    fc.property(fc.string(), vectors, (key, given) => {
      expect(unpackVectors(key, packVectors(key, given), given[0]?.length ?? 0)).toEqual(given);
    }),
  );
});

test("EMB-4 damaged, cut, foreign and misplaced bytes are no vectors", () => {
  fc.assert(
    fc.property(vectors, fc.nat(), fc.integer({ min: 1, max: 255 }), (given, at, flip) => {
      const dimensions = given[0]?.length ?? 0;
      const bytes = packVectors("key", given);
      expect(unpackVectors("other key", bytes, dimensions)).toBeNull();
      expect(unpackVectors("key", bytes, dimensions + 1)).toBeNull();
      expect(unpackVectors("key", bytes.subarray(0, at % bytes.length), dimensions)).toBeNull();
      bytes[at % bytes.length]! ^= flip;
      expect(unpackVectors("key", bytes, dimensions)).toBeNull();
    }),
  );
});
