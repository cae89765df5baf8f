/**
 * How rows lie in a block. All blocks of the pool have one size, so that any free block serves any number of
 * dimensions: nothing is cut, nothing is left over after a change of model, and to allocate is to take the first of a
 * list. How many rows fit follows from the dimensions: a row is its bytes, its sketch, two float32 numbers, its scale
 * and its sketch's factor, and the number of its document; the block holds the scales of all its rows, then the factors,
 * the documents, the sketches (32 rows interleaved: first byte of each, second byte of each, …) and the rows.
 *
 * 152 KiB hold 512 rows of 256 dimensions, two calls of a kernel (with 544 rows, and so a third call for 32, scans took a
 * tenth longer), and, as they must, 32 rows of 4,096. What stays unused lies at the end, in pages that are never touched.
 */
import { sketchBits } from "./sketch.ts";

export const blockBytes = 152 * 1024;

/** Rows whose sketches are interleaved. */
export const sketchGroup = 32;

/** Rows that one call of a kernel scores: as many as the scratch for scores holds. */
export const spanRows = 256;

/** Bytes of a row: the dimensions, and zeros up to a multiple of what one vector register holds. */
export const rowWidth = (dims: number): number => Math.ceil(dims / 16) * 16;

export interface BlockShape {
  readonly width: number;
  /** Bits of a sketch. */
  readonly bits: number;
  /** Rows that fit, a multiple of 32. */
  readonly rows: number;
  /** Bytes from the block's beginning; the scales lie at 0. */
  readonly factorsIn: number;
  readonly documentsIn: number;
  readonly sketchesIn: number;
  readonly rowsIn: number;
}

/** Rows of `dims` dimensions in `bytes`. */
export const shapeOf = (dims: number, bytes: number): BlockShape => {
  const width = rowWidth(dims);
  const bits = sketchBits(width);
  const number = Float32Array.BYTES_PER_ELEMENT;
  const rowBytes = width + bits / 8 + 3 * number;
  const rows = Math.floor(bytes / rowBytes / sketchGroup) * sketchGroup;
  const [factorsIn, documentsIn, sketchesIn] = [rows * number, 2 * rows * number, 3 * rows * number] as const;
  return { width, bits, rows, factorsIn, documentsIn, sketchesIn, rowsIn: sketchesIn + (rows * bits) / 8 };
};

/** A thread's scratch: a page for the question, its tables and the scores, and room for rows read from the store. */
export const portionIn = 65_536;
export const portionBytes = 3 * 65_536;
export const seatBytes = portionIn + portionBytes;
