/**
 * Scoring vectors that are not in the pool: they are read from the store in portions, into the thread's scratch, and
 * scored there by the kernels that score blocks. A row's score depends on the row and the question alone, so that the
 * answer is the same bit for bit.
 */
import type { Arena } from "./arena.ts";
import { type BlockShape, portionBytes, shapeOf, spanRows } from "./block-shape.ts";

/** One chunk's vector as it is stored: its document, its signed bytes and their scale. */
export type StoredVector = readonly [doc: number, bytes: Uint8Array, scale: number];

/**
 * Where the vectors of a set are kept for good. What is read belongs to the same state of the space that the set was
 * told of by `add` and `remove`; vectors of documents or dimensions that the set does not have may be among them.
 */
export interface VectorSource {
  readonly all: () => Iterable<StoredVector>;
  readonly of: (doc: number) => Iterable<StoredVector>;
}

/** Writes the rows into the scratch, and calls `score` each time it is full, and for what is left. */
const inPortions = (
  arena: Arena,
  shape: BlockShape,
  rows: Iterable<StoredVector>,
  score: (from: number, count: number) => void,
): void => {
  let size = 0;
  const flush = (): void => {
    for (let from = 0; from < size; from += spanRows) score(from, Math.min(spanRows, size - from));
    size = 0;
  };
  for (const [doc, bytes, scale] of rows) {
    arena.writeRow(arena.portion, shape, size++, doc, bytes, scale);
    if (size === shape.rows) flush();
  }
  flush();
};

/** Raises `best`, by document the bits of a float32, to the scores of these rows of `dims` against `arena.views.query`. */
export const scanStored = (
  arena: Arena,
  dims: number,
  rows: Iterable<StoredVector>,
  queryScale: number,
  best: Int32Array,
): void => {
  const shape = shapeOf(dims, portionBytes);
  const { scores, integers } = arena.views;
  const documents = (arena.portion + shape.documentsIn) / 4;
  inPortions(arena, shape, rows, (from, count) => {
    arena.scoreAll(arena.portion, shape, from, count, queryScale);
    for (let at = 0; at < count; at++) {
      const doc = integers[documents + from + at]!;
      best[doc] = Math.max(best[doc]!, scores[at]!);
    }
  });
};

/** Raises the columns of the rows' documents to what they are estimated at against `arena.views.tables`. */
export const estimateStored = (arena: Arena, dims: number, rows: Iterable<StoredVector>, queryScale: number): void => {
  const shape = shapeOf(dims, portionBytes);
  inPortions(arena, shape, rows, (from, count) => {
    for (let row = from; row < from + count; row++) arena.sketchRow(arena.portion, shape, row);
    arena.estimateBest(arena.portion, shape, from, count, queryScale);
  });
};
