/**
 * Choosing the best of all documents by one sum, `base + share · dense`. In large spaces the cosines are first estimated
 * from sign bits, which read an eighth of the memory; the documents that could still be among the best, by a margin
 * that estimates practically never exceed, are then scored exactly. Where too many could, everything is.
 */
import { makeTopList } from "./top-list.ts";
import { tuning } from "./tuning.ts";
import type { VectorSet } from "./vector-set.ts";

export interface RankRequest {
  readonly docs: number;
  readonly mask: Uint8Array;
  /** By document: everything but the cosine. */
  readonly base: Float32Array;
  /** By document: the weight of its cosine. */
  readonly share: Float32Array;
  /** By document: receives the cosines, exact for those that are returned. */
  readonly dense: Float32Array;
  readonly query: Float32Array;
  readonly least: number;
  readonly best: number;
}

export interface Ranking {
  readonly best: readonly { readonly item: number; readonly score: number }[];
  /** How many reach `least`; estimated in large spaces. */
  readonly total: number;
  /** Scores below this are not among the best. */
  readonly floor: number;
}

/** The best by the cosines that `dense` holds now. */
export const pickBest = ({ docs, mask, base, share, dense, least, best }: RankRequest): Ranking => {
  const top = makeTopList(best);
  let floor = least;
  let total = 0;
  for (let doc = 0; doc < docs; doc++) {
    if (mask[doc] !== 1) continue;
    const score = base[doc]! + share[doc]! * dense[doc]!;
    if (score < least) continue;
    total++;
    if (score < floor) continue;
    top.offer(doc, score);
    floor = Math.max(least, top.floor());
  }
  return { best: top.best(), total, floor };
};

/** The documents whose score may reach `floor` if their cosine was underestimated; null when they are too many. */
const stillPossible = ({ docs, mask, base, share, dense }: RankRequest, floor: number): Int32Array | null => {
  const found = new Int32Array(tuning.sketchMost);
  let count = 0;
  for (let doc = 0; doc < docs; doc++) {
    if (mask[doc] !== 1 || base[doc]! + share[doc]! * (dense[doc]! + tuning.sketchMargin) < floor) continue;
    if (count === found.length) return null;
    found[count++] = doc;
  }
  return found.subarray(0, count);
};

const countOf = (mask: Uint8Array, docs: number): number => {
  let count = 0;
  for (let doc = 0; doc < docs; doc++) count += mask[doc]!;
  return count;
};

const rankExactly = (vectors: VectorSet, request: RankRequest): Ranking => {
  vectors.scan(request.query, request.mask, request.docs, request.dense);
  return pickBest(request);
};

export const rank = (vectors: VectorSet, request: RankRequest): Ranking => {
  const { docs, mask, query, dense, base, share, best, least } = request;
  // A mask that leaves little is scored exactly at less cost than estimating everything.
  if (docs < tuning.sketchFrom || countOf(mask, docs) < docs * tuning.sketchShare) return rankExactly(vectors, request);
  vectors.sketch(query, mask, docs, dense);
  const { total, floor } = pickBest(request);
  const wanted = stillPossible(request, floor);
  if (wanted === null) return rankExactly(vectors, request);
  vectors.rescore(query, wanted, dense);
  const top = makeTopList(best);
  for (const doc of wanted) {
    const score = base[doc]! + share[doc]! * dense[doc]!;
    if (score >= least) top.offer(doc, score);
  }
  return { best: top.best(), total, floor };
};
