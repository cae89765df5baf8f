/**
 * Choosing the best of all documents by one sum, `base + share · dense`. In large spaces the cosines are first estimated
 * from sign bits, which read an eighth of the memory. Those that look best are scored exactly, which says how much a
 * document needs at least; all that could reach it, by a margin that underestimates practically never exceed, are then
 * scored exactly too. Where too many could, everything is. What a narrow
 * filter leaves is scored exactly at once, without a look at the rest.
 */
import { raised } from "./fuse.ts";
import { makeTopList, type TopList } from "./top-list.ts";
import { tuning } from "./tuning.ts";
import type { VectorSet } from "./vector-set.ts";

export interface RankRequest {
  readonly docs: number;
  readonly mask: Uint8Array;
  /** How many documents the mask lets through; counted when absent. */
  readonly count?: number;
  /** By document: everything but the cosine. */
  readonly base: Float32Array;
  /** By document: the weight of its cosine, at most `tuning.dense`. */
  readonly share: Float32Array;
  /** By document: receives the cosines, exact for those that are returned. */
  readonly dense: Float32Array;
  readonly query: Float32Array;
  /** The cosine that counts as none; absent: 0. */
  readonly cosineFloor?: number;
  /** `dense` holds what an earlier call for the same question and mask left there. */
  readonly again?: boolean;
  readonly least: number;
  readonly best: number;
  /** Nothing is estimated. */
  readonly exact?: boolean;
  /** Whether time is up, or will be in so many milliseconds. Absent: never. */
  readonly outOfTime?: (ahead: number) => boolean;
}

export interface Ranking {
  readonly best: readonly { readonly item: number; readonly score: number }[];
  /** How many reach `least`; estimated in large spaces. */
  readonly total: number;
  /** Scores below this are not among the best. */
  readonly floor: number;
  /** Time was up before all cosines were known: those that are not count as 0, or as estimated. */
  readonly partial?: boolean;
}

/** The cosines of `docs` as `fuse.ts` counts them. */
const raiseAll = ({ docs, dense, cosineFloor = 0 }: RankRequest): void => {
  if (cosineFloor === 0) return;
  for (let doc = 0; doc < docs; doc++) dense[doc] = raised(dense[doc]!, cosineFloor);
};
const raiseListed = (list: Int32Array, { dense, cosineFloor = 0 }: RankRequest): void => {
  if (cosineFloor === 0) return;
  for (const doc of list) dense[doc] = raised(dense[doc]!, cosineFloor);
};
/** No cosine has a larger weight; what an index learned raises some. */
const mostShareOf = ({ again }: RankRequest): number => tuning.dense * (again === true ? 1 + tuning.feedback : 1);
const marginOf = ({ cosineFloor = 0 }: RankRequest): number => tuning.sketchMargin / (1 - cosineFloor);

/** Documents are looked at in blocks, so that a second look passes over blocks in which nothing was near. */
const blockSize = 256;
/** Fewer documents than one in so many are read one by one instead of masking a scan of all. */
const listedBelow = 1 / 32;
/** Milliseconds that a document costs at most where its cosine is estimated, and where it is computed. */
const estimateMs = 8e-6;
const scoreMs = 5e-5;

/** `highest`, where it is given, receives the highest score of each block. */
const pickByBlock = (
  { docs, mask, base, share, dense, least, best }: RankRequest,
  highest: Float64Array | null,
): Ranking => {
  const top = makeTopList(best);
  let floor = least;
  let total = 0;
  for (let from = 0; from < docs; from += blockSize) {
    const to = Math.min(docs, from + blockSize);
    // No branches: scores are 0 at the least, and 0 for what is masked out.
    let high = 0;
    let reaching = 0;
    for (let doc = from; doc < to; doc++) {
      const wanted = mask[doc]!;
      const score = (base[doc]! + share[doc]! * dense[doc]!) * wanted;
      high = score > high ? score : high;
      reaching += +(score >= least) * wanted;
    }
    total += reaching;
    if (highest !== null) highest[from / blockSize] = high;
    if (reaching === 0 || high < floor) continue;
    for (let doc = from; doc < to; doc++) {
      const score = base[doc]! + share[doc]! * dense[doc]!;
      if (mask[doc] !== 1 || score < floor) continue;
      top.offer(doc, score);
      floor = Math.max(least, top.floor());
    }
  }
  return { best: top.best(), total, floor };
};

/** The best by the cosines that `dense` holds now. */
export const pickBest = (request: RankRequest): Ranking => pickByBlock(request, null);

/** The documents whose score may reach `floor` if their cosine was underestimated; null when they are too many. */
const stillPossible = (request: RankRequest, floor: number, highest: Float64Array): Int32Array | null => {
  const { docs, mask, base, share, dense } = request;
  const margin = marginOf(request);
  const found = new Int32Array(tuning.sketchMost);
  // Rounding must not exclude what the sum of the same numbers in another order would let in.
  const reach = floor - mostShareOf(request) * margin - 1e-6;
  let count = 0;
  for (const [block, high] of highest.entries()) {
    if (high < reach) continue;
    const to = Math.min(docs, (block + 1) * blockSize);
    for (let doc = block * blockSize; doc < to; doc++) {
      if (mask[doc] !== 1 || base[doc]! + share[doc]! * (dense[doc]! + margin) < floor) continue;
      if (count === found.length) return null;
      found[count++] = doc;
    }
  }
  return found.subarray(0, count);
};

const countOf = (mask: Uint8Array, docs: number): number => {
  let count = 0;
  for (let doc = 0; doc < docs; doc++) count += mask[doc]!;
  return count;
};

const listOf = (mask: Uint8Array, docs: number, count: number): Int32Array => {
  const list = new Int32Array(count);
  let at = 0;
  for (let doc = 0; doc < docs; doc++) if (mask[doc] === 1) list[at++] = doc;
  return list;
};

/** Offers the listed documents by the cosines that `dense` holds now; how many reach `least`. */
const offerListed = (list: Int32Array, { base, share, dense, least }: RankRequest, top: TopList): number => {
  let total = 0;
  for (const doc of list) {
    const score = base[doc]! + share[doc]! * dense[doc]!;
    if (score < least) continue;
    total++;
    top.offer(doc, score);
  }
  return total;
};

/** What as many as are wanted do reach: the least exact score of those that look best. Their cosines become exact. */
const reachedFloor = (vectors: VectorSet, request: RankRequest, estimated: Ranking["best"]): number => {
  const { base, share, dense, query, least, best } = request;
  if (estimated.length < best) return least;
  const docs = Int32Array.from(estimated, ({ item }) => item);
  vectors.rescore(query, docs, dense);
  raiseListed(docs, request);
  const floor = docs.reduce((lowest, doc) => Math.min(lowest, base[doc]! + share[doc]! * dense[doc]!), Infinity);
  return Math.max(least, floor);
};

/** By everything but the cosine. */
const rankWithout = (request: RankRequest): Ranking => {
  request.dense.fill(0, 0, request.docs);
  return { ...pickBest(request), partial: true };
};

const rankExactly = (vectors: VectorSet, request: RankRequest, count: number): Ranking => {
  const { docs, mask, query, dense, least, best, outOfTime, again } = request;
  if (again !== true && outOfTime?.(count * scoreMs) === true) return rankWithout(request);
  if (count >= docs * listedBelow) {
    if (again !== true) {
      vectors.scan(query, mask, docs, dense);
      raiseAll(request);
    }
    return pickBest(request);
  }
  const list = listOf(mask, docs, count);
  if (again !== true) {
    vectors.rescore(query, list, dense);
    raiseListed(list, request);
  }
  const top = makeTopList(best);
  const total = offerListed(list, request, top);
  return { best: top.best(), total, floor: Math.max(least, top.floor()) };
};

export const rank = (vectors: VectorSet, request: RankRequest): Ranking => {
  const { docs, mask, query, dense, best, outOfTime } = request;
  const count = request.count ?? countOf(mask, docs);
  // A mask that leaves little is scored exactly at less cost than estimating everything.
  const { sketchFrom, sketchShare } = tuning;
  if (request.exact === true || docs < sketchFrom || count < docs * sketchShare)
    return rankExactly(vectors, request, count);
  if (request.again !== true) {
    if (outOfTime?.(docs * estimateMs) === true) return rankWithout(request);
    vectors.sketch(query, mask, docs, dense);
    raiseAll(request);
  }
  const highest = new Float64Array(Math.ceil(docs / blockSize));
  const { best: estimated, total, floor: wouldBe } = pickByBlock(request, highest);
  const floor = reachedFloor(vectors, request, estimated);
  const wanted = stillPossible(request, floor, highest);
  const due = (wanted?.length ?? count) * scoreMs;
  if (outOfTime?.(due) === true) return { best: estimated, total, floor: wouldBe, partial: true };
  if (wanted === null) return rankExactly(vectors, { ...request, again: false }, count);
  vectors.rescore(query, wanted, dense);
  raiseListed(wanted, request);
  const top = makeTopList(best);
  offerListed(wanted, request, top);
  return { best: top.best(), total, floor };
};
