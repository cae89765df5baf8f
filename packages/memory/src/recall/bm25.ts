/** The numbers of BM25 with context: what a term is worth, and what a document lends to those around it. */
import { tuning } from "./tuning.ts";

/** The idf of BM25 (Robertson & Zaragoza 2009), never below 0: of `all` passages, `holding` hold the term. */
export const idf = (all: number, holding: number): number =>
  Math.log(1 + (Math.max(all, holding) - holding + 0.5) / (holding + 0.5));

/** What a term adds to a passage: most · f / (f + base + slope · length). */
export interface Worth {
  readonly most: number;
  readonly base: number;
  readonly slope: number;
}

/** What a document lends to the k-th after it, and to the k-th before it. */
const powersOf = (decay: number): Float64Array =>
  Float64Array.from({ length: tuning.contextDistance + 1 }, (_, k) => decay ** k);
export const lendsAfter = powersOf(tuning.contextBefore);
export const lendsBefore = powersOf(tuning.contextAfter);
