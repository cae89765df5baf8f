/**
 * The built-in model: the vector of a text is Σ scale[id] · row[id] over its wordpieces, brought to unit length
 * (a static table in the manner of Model2Vec, fitted to all-MiniLM-L6-v2; [UNK] has no part in it). No network is
 * run, so a sentence costs microseconds.
 *
 * Sums are kept in float64 and in the order of the text, so that a text has the same bytes on every thread, alone or
 * in a batch. A text whose words the model cannot read for the most part has no vector: words alone find it.
 */
import type { PassageText } from "@cairn/memory/embedding/embedder";

import { chunkCuts } from "./chunk-cuts.ts";
import { type StaticTable, vocabularyOf } from "./table.ts";
import { makeWordPiece } from "./wordpiece.ts";

/** Wordpieces of one chunk, the author's included: what the model that the table was fitted to reads at once. */
export const chunkPieces = 254;
/** Wordpieces of a question that are read; what follows is ignored. */
export const queryPieces = 2_048;
/** Characters of a question that are looked at, so that a huge one costs no more than its pieces. */
const queryCharacters = 16 * queryPieces;
/** Wordpieces of an author's name that are read, so that most of a chunk is what was said. */
const authorPieces = 64;

/** What of a passage the static model reads. */
export type StaticPassage = Pick<PassageText, "content" | "author">;

/** Synchronous; for threads that may be kept busy. Not shared between threads: make one for each. */
export interface StaticEncoder {
  readonly dimensions: number;
  /** The unit vector of a question; all zeros when it holds nothing the model knows. */
  readonly encodeQuery: (text: string) => Float32Array;
  /** A unit vector a chunk of "author: content", in order; chunks of unknown content are left out. */
  readonly encodePassage: (passage: StaticPassage) => Float32Array[];
}

/** Reads the vocabulary once (about 10 ms). */
export const makeStaticEncoder = (table: StaticTable): StaticEncoder => {
  const { dimensions } = table;
  const rows = new Int8Array(table.weights);
  const scales = new Float32Array(table.scales);
  const { scan, encode, isContinuation, unknownId } = makeWordPiece(vocabularyOf(table));
  const legible = legibilityOf(vocabularyOf(table), scales);
  const sum = new Float64Array(dimensions);

  /** Adds the pieces from `from` to before `to`; whether the model can read most of their words. */
  const add = (ids: Int32Array, from: number, to: number): boolean => {
    let balance = 0;
    let known = 0;
    for (let at = from; at < to; at += 1) {
      const id = ids[at] as number;
      if (id === unknownId) {
        balance -= 1;
        continue;
      }
      balance += legible[id] as number;
      const scale = scales[id] as number;
      const row = id * dimensions;
      for (let axis = 0; axis < dimensions; axis += 1) sum[axis]! += scale * rows[row + axis]!;
      known += 1;
    }
    return known > 0 && balance >= 0;
  };

  /** The sum as a unit vector; zeros when it has no direction. Clears the sum. */
  const take = (): Float32Array => {
    let squares = 0;
    for (let axis = 0; axis < dimensions; axis += 1) squares += sum[axis]! * sum[axis]!;
    const inverse = squares > 0 ? 1 / Math.sqrt(squares) : 0;
    const vector = new Float32Array(dimensions);
    for (let axis = 0; axis < dimensions; axis += 1) vector[axis] = sum[axis]! * inverse;
    sum.fill(0);
    return vector;
  };

  const encodeQuery = (text: string): Float32Array => {
    const ids = scan(text.length > queryCharacters ? text.slice(0, queryCharacters) : text, queryPieces);
    const readable = add(ids, 0, ids.length);
    const vector = take();
    return readable ? vector : vector.fill(0);
  };

  const encodePassage = ({ content, author }: StaticPassage): Float32Array[] => {
    const prefix = author === null || author === "" ? none : encode(`${author}: `, authorPieces);
    const ids = scan(content);
    if (ids.length === 0) return [];
    const vectors: Float32Array[] = [];
    let from = 0;
    for (const to of chunkCuts(ids.length, chunkPieces - prefix.length, (at) => isContinuation(ids[at] as number))) {
      add(prefix, 0, prefix.length);
      const readable = add(ids, from, to);
      const vector = take();
      if (readable && vector.some((value) => value !== 0)) vectors.push(vector);
      from = to;
    }
    return vectors;
  };

  return { dimensions, encodeQuery, encodePassage };
};

const none = new Int32Array(0);

/**
 * By wordpiece: 1 for part of a word that the model reads, −1 for letters of a script that it does not (their rows are
 * zero), 0 for digits and signs. What is left of a Chinese sentence are its commas, which make it near to every other.
 */
const legibilityOf = (pieces: readonly string[], scales: Float32Array): Int8Array =>
  Int8Array.from(pieces, (piece, id) => (!/\p{L}/u.test(piece) ? 0 : scales[id] === 0 ? -1 : 1));
