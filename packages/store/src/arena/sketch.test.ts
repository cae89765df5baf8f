import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { turnedModel } from "./fixtures/sketch-model.ts";
import { quantizeSketchQuery, sketchBits, tableBytes, writeTables } from "./sketch.ts";

const vectors = fc.integer({ min: 1, max: 400 }).chain((dims) =>
  fc.float32Array({
    minLength: dims,
    maxLength: dims,
    noNaN: true,
    noDefaultInfinity: true,
    min: -(2 ** 100),
    max: 2 ** 100,
  }),
);

describe("a question for sketches", () => {
  test("REC-1 a sketch has a bit a dimension, rounded up to 128", () => {
    expect([16, 128, 144, 256, 384, 4096].map(sketchBits)).toEqual([128, 128, 256, 256, 384, 4096]);
  });

  test("REC-1 its integers times its scale are the turned question within half a step, and any four fit the tables", () => {
    fc.assert(
      fc.property(vectors, (vector) => {
        const bits = sketchBits(vector.length);
        const { values, scale } = quantizeSketchQuery(vector, bits);
        expect(values).toHaveLength(bits);
        const turned = turnedModel([...vector], bits).map((number) => number / 4);
        const largest = Math.max(...vector.map(Math.abs));
        for (let at = 0; at < bits; at += 4) {
          const four = [...values.subarray(at, at + 4)];
          expect(four.reduce((sum, value) => sum + Math.abs(value), 0)).toBeLessThanOrEqual(31);
          for (const [place, value] of four.entries()) {
            const error = Math.abs(value * scale - turned[at + place]!);
            // Of the smallest numbers float32 cannot hold the scale.
            expect(error).toBeLessThanOrEqual(scale / 2 + 31 * 2 ** -149 + largest * 1e-6);
          }
        }
      }),
    );
  });

  test("REC-1 a table holds every sum of its four numbers with every choice of signs", () => {
    const values = Int8Array.of(1, -2, 5, 20, 0, 0, 0, 0, -31, 0, 0, 0);
    const tables = new Uint8Array(tableBytes(values.length));
    writeTables(values, tables);
    const sums = Array.from(tables, (_, at) => {
      const [table, pattern] = [Math.floor(at / 16), at % 16];
      return [0, 1, 2, 3].reduce((sum, i) => sum + values[4 * table + i]! * ((pattern >> i) & 1 ? -1 : 1), 31);
    });
    expect([...tables]).toEqual(sums);
  });

  test("REC-1 the zero question has scale 0; numbers that are not finite are refused", () => {
    expect(quantizeSketchQuery(new Float32Array(5), 128)).toEqual({ values: new Int8Array(128), scale: 0 });
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
      expect(() => quantizeSketchQuery(Float32Array.of(0, bad), 128)).toThrow(
        expect.objectContaining({ code: "internal" }),
      );
    }
  });
});
