/**
 * Numbers that the scan can multiply: a stored vector becomes signed bytes and a scale, a question signed 16-bit
 * numbers and a scale (symmetric quantisation, as in Jacob et al. 2018, "Quantization and Training of Neural Networks
 * for Efficient Integer-Arithmetic-Only Inference", with zero point 0).
 *
 * The question keeps more bits than the rows because it costs nothing: there is one of it. What is lost by rounding is
 * at most scale/2 a dimension, so that for a vector x with scale s and a question q with scale t
 *
 *   |x·q − s·t·(integer dot product)| ≤ s/2 · Σ|q| + t/2 · Σ|x̂|,   x̂ = s · bytes,
 *
 * apart from float32's own rounding of the result.
 */
import { CairnError } from "@cairn/kernel/error";

export interface QuantizedRow {
  readonly bytes: Int8Array;
  /** A float32; 0 for the zero vector. */
  readonly scale: number;
}

export interface QuantizedQuery {
  readonly values: Int16Array;
  /** A float32; 0 for the zero vector. */
  readonly scale: number;
}

/** Vectors of more dimensions are refused: the scan's memory for the question ends there. */
export const mostDimensions = 4096;

const rowLevels = 127;
const mostQueryLevels = 8191;
/** A byte given from outside may be −128 too. */
const largestByte = 128;

/**
 * The largest size of a question's numbers, such that no sum of `dims` products with bytes leaves 32 bits, in whatever
 * order it is added up: 14 bits with the sign up to 2,048 dimensions, 13 at 4,096.
 */
export const queryLevels = (dims: number): number =>
  Math.min(mostQueryLevels, Math.floor((2 ** 31 - 1) / (largestByte * dims)));

/** The scale at which the largest number of `vector` becomes `levels`. */
const scaleFor = (vector: Float32Array, levels: number): number => {
  let largest = 0;
  for (let at = 0; at < vector.length; at++) largest = Math.max(largest, Math.abs(vector[at]!));
  if (!Number.isFinite(largest)) throw new CairnError("internal", "A vector holds a number that is not finite.");
  return Math.fround(largest / levels);
};

const fill = (to: Int8Array | Int16Array, vector: Float32Array, scale: number, levels: number): void => {
  if (scale === 0) return;
  for (let at = 0; at < vector.length; at++) {
    // Among the smallest float32 numbers the scale itself is coarse: the quotient may pass the last level.
    to[at] = Math.max(-levels, Math.min(levels, Math.round(vector[at]! / scale)));
  }
};

/** Bytes −127..127 with the scale max|x|/127; a number that is not finite is `internal`. */
export const quantizeRow = (vector: Float32Array): QuantizedRow => {
  const scale = scaleFor(vector, rowLevels);
  const bytes = new Int8Array(vector.length);
  fill(bytes, vector, scale, rowLevels);
  return { bytes, scale };
};

/** Numbers of at most `queryLevels(dims)` in size; a number that is not finite is `internal`. */
export const quantizeQuery = (vector: Float32Array): QuantizedQuery => {
  const levels = queryLevels(vector.length);
  const scale = scaleFor(vector, levels);
  const values = new Int16Array(vector.length);
  fill(values, vector, scale, levels);
  return { values, scale };
};
