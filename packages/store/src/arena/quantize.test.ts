import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { mostDimensions, quantizeQuery, quantizeRow, queryLevels } from "./quantize.ts";

const finite = fc.float({ noNaN: true, noDefaultInfinity: true });

describe("quantised vectors", () => {
  test("REC-1 the largest number of a row becomes ±127, the others keep their proportion", () => {
    const { bytes, scale } = quantizeRow(Float32Array.of(0.5, -1, 0.25, 0));
    expect([...bytes]).toEqual([64, -127, 32, 0]);
    expect(scale).toBe(Math.fround(1 / 127));
  });

  test("REC-1 a zero vector has scale 0 and zero bytes, as row and as question", () => {
    expect(quantizeRow(new Float32Array(3))).toEqual({ bytes: new Int8Array(3), scale: 0 });
    expect(quantizeQuery(new Float32Array(3))).toEqual({ values: new Int16Array(3), scale: 0 });
  });

  test("REC-1 rounding loses at most half a scale a dimension, for any finite numbers", () => {
    fc.assert(
      fc.property(fc.float32Array({ minLength: 1, maxLength: 40, noNaN: true, noDefaultInfinity: true }), (vector) => {
        for (const [numbers, scale] of [Object.values(quantizeRow(vector)), Object.values(quantizeQuery(vector))]) {
          for (const [at, value] of vector.entries()) {
            // Scales below float32's normal range are themselves coarse; they are far below any embedding.
            const slack = Math.abs(value) * 2 ** -22 + 2 ** -135;
            expect(Math.abs(numbers[at] * scale - value)).toBeLessThanOrEqual(scale / 2 + slack);
          }
        }
      }),
    );
  });

  test("REC-1 bytes stay in −127..127 and a question's numbers within its levels, down to the smallest float32", () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(finite, fc.constantFrom(1.4e-45, -1e-44, 3.4e38)), { minLength: 1 }), (numbers) => {
        const vector = Float32Array.from(numbers);
        const { bytes, scale } = quantizeRow(vector);
        expect(bytes.every((byte) => byte >= -127)).toBe(true);
        expect(Number.isFinite(scale)).toBe(true);
        const levels = queryLevels(vector.length);
        expect(quantizeQuery(vector).values.every((value) => Math.abs(value) <= levels)).toBe(true);
      }),
    );
  });

  test("REC-1 no sum of products leaves 32 bits, at any number of dimensions", () => {
    for (let dims = 1; dims <= mostDimensions; dims++) {
      expect(128 * queryLevels(dims) * dims).toBeLessThan(2 ** 31);
      expect(queryLevels(dims)).toBeLessThanOrEqual(8191);
    }
    expect(queryLevels(2048)).toBe(8191);
    expect(queryLevels(mostDimensions)).toBe(4095);
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY])("REC-1 a vector with %d is refused", (bad) => {
    expect(() => quantizeRow(Float32Array.of(1, bad))).toThrow(expect.objectContaining({ code: "internal" }));
    expect(() => quantizeQuery(Float32Array.of(bad, 1))).toThrow(expect.objectContaining({ code: "internal" }));
  });
});
