/**
 * Sketches: one bit a number instead of eight, for a first pass over spaces too large to read in full.
 *
 * A vector x is turned by an orthogonal H, and only the signs of Hx are kept, with one number that undoes their scale.
 * For a question q the estimate of x·q is
 *
 *   ⟨sign(Hx), Hq⟩ · ⟨x, x⟩ / ⟨sign(Hx), Hx⟩,
 *
 * for unit x the estimator of RaBitQ (Gao & Long 2024, "RaBitQ: Quantizing High-Dimensional Vectors with a Theoretical
 * Error Bound for Approximate Nearest Neighbor Search"). Without H it would be biased on real vectors: the dimensions
 * of the built-in model vary forty-fold in variance, a high cosine comes from the large ones, a sign tells nothing of
 * size, and so the estimates are 0.7 of the cosine. The random rotation of the paper would cost more than all the rest;
 * it is enough to spread every number over 16 places far from each other: H adds and subtracts the 16 numbers at i,
 * i + n/16, i + 2n/16 … (a Walsh-Hadamard matrix of order 16 for each i below n/16, n the dimensions rounded up to a
 * multiple of 128). That is exact in integers for the rows' bytes, and 256 dimensions are then estimated as well as
 * after a full rotation (mean error .038 with either, .053 without).
 *
 * The signs are made from the row's bytes when it is added (`sketchRow` in scan.wat), so nothing of it is stored.
 */
import { CairnError } from "@cairn/kernel/error";

/** Bits of the sketch of a row of `width` bytes: a multiple of 128, so that each stage of H fills whole registers. */
export const sketchBits = (width: number): number => Math.ceil(width / 128) * 128;

/** Bytes of a sketch's 4-bit tables: one of 16 bytes for each four bits. */
export const tableBytes = (bits: number): number => bits * 4;

/** The order of the Walsh-Hadamard matrices, and the length to which they stretch a vector: its square root. */
const order = 16;
const stretch = 4;

/** What four of a question's numbers may add up to in size, so that a table's bytes are 0…62. */
const offset = 31;
/** Rounding adds at most ½ to each of the four. */
const levels = offset - 2;

/** H·vector. */
const turn = (vector: Float32Array, bits: number): Float64Array => {
  const turned = new Float64Array(bits);
  turned.set(vector);
  for (let step = bits / order; step < bits; step *= 2) {
    for (let from = 0; from < bits; from += 2 * step) {
      for (let at = from; at < from + step; at++) {
        const low = turned[at]!;
        const high = turned[at + step]!;
        turned[at] = low + high;
        turned[at + step] = low - high;
      }
    }
  }
  for (let at = 0; at < bits; at++) turned[at]! /= stretch;
  return turned;
};

export interface SketchQuery {
  /** Integers, `bits` of them; any four from a multiple of four on are at most 31 in size together. */
  readonly values: Int8Array;
  /** A float32: `scale · values` is about H·question; 0 for the zero vector. */
  readonly scale: number;
}

/** A question for sketches of `bits` bits; a number that is not finite is `internal`. */
export const quantizeSketchQuery = (vector: Float32Array, bits: number): SketchQuery => {
  const turned = turn(vector, bits);
  let largest = 0;
  for (let at = 0; at < bits; at += 4) {
    const four =
      Math.abs(turned[at]!) + Math.abs(turned[at + 1]!) + Math.abs(turned[at + 2]!) + Math.abs(turned[at + 3]!);
    largest = Math.max(largest, four);
  }
  if (!Number.isFinite(largest)) throw new CairnError("internal", "A vector holds a number that is not finite.");
  const values = new Int8Array(bits);
  // In float64, where no quotient of float32 numbers leaves the bound.
  const scale = largest / levels;
  if (scale > 0) for (let at = 0; at < bits; at++) values[at] = Math.round(turned[at]! / scale);
  return { values, scale: Math.fround(scale) };
};

/**
 * Writes the tables of a question, one after the other: byte p of table j is 31 + Σ ±values[4j + i], i = 0…3, with
 * minus where bit i of p is set.
 */
export const writeTables = (values: Int8Array, tables: Uint8Array): void => {
  for (let at = 0; at < values.length; at += 4) {
    const table = at * 4;
    tables[table] = offset + values[at]! + values[at + 1]! + values[at + 2]! + values[at + 3]!;
    for (let bit = 0; bit < 4; bit++) {
      const change = 2 * values[at + bit]!;
      for (let p = 0; p < 1 << bit; p++) tables[table + (1 << bit) + p] = tables[table + p]! - change;
    }
  }
};
