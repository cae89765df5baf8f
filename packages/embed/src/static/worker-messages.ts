/** What the embedding thread and its owner say to each other, one answer to each slice, in order. */
import type { StaticPassage } from "./embed.ts";

/** Owner to thread. */
export interface SliceMessage {
  readonly passages: readonly StaticPassage[];
}

/** Thread to owner: all vectors in one transferred buffer, so that nothing is copied on the way. */
export interface VectorsMessage {
  /** Vectors of each passage. */
  readonly counts: Uint32Array;
  /** Σ counts × dimensions values. */
  readonly values: Float32Array;
}

export const packVectors = (dimensions: number, passages: readonly (readonly Float32Array[])[]): VectorsMessage => {
  const counts = Uint32Array.from(passages, (vectors) => vectors.length);
  const values = new Float32Array(counts.reduce((total, count) => total + count, 0) * dimensions);
  passages.flat().forEach((vector, index) => values.set(vector, index * dimensions));
  return { counts, values };
};

/** Each vector gets a buffer of its own: views of a common one would drag all of it along when posted onwards. */
export const unpackVectors = (dimensions: number, { counts, values }: VectorsMessage): Float32Array[][] => {
  let at = 0;
  return Array.from(counts, (count) => Array.from({ length: count }, () => values.slice(at, (at += dimensions))));
};
