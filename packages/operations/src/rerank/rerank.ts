/**
 * Ordering the best of a recall again (REC-4). A pool of the first stage's best is looked at a second time and only then
 * cut to what was asked for. What did not reach `min_relevance` is not in the pool: reranking orders, it lets nothing in.
 *
 * New scores stay calibrated, 0..1, and fall with the order shown. The heuristic adds to the score before calibration.
 * The cross-encoder's probability and the first stage's similarity count half each: a pair model alone forgets what
 * only the index knows (neighbours, session, time), and its probabilities are not fitted to memories.
 */
import { isCairnError } from "@cairn/kernel/error";
import { calibrate, scoreFor } from "@cairn/memory/recall/fuse";
import { heuristicRerank, sumOf } from "@cairn/memory/recall/heuristic-rerank";
import type { RecallQuery, RerankExplanation, Signal } from "@cairn/memory/recall/query";
import type { PairScorer, RerankMode } from "@cairn/memory/recall/reranker";
import { contentOf, type Found, idOf, turnBefore } from "./found.ts";

/**
 * How many of the first stage's best are looked at. To be ordered again, three times what is asked for and at least 30:
 * measured with the heuristic, 30 gives nearly all that 100 does; a cross-encoder takes some 10 ms a pair on one core,
 * so 100 is the most unless more is asked for. Of memories and transcripts together, twice what is asked for, since
 * chunks that only repeat memories give their places away. Otherwise just what is asked for.
 */
export const poolSize = (limit: number, mode: RerankMode, include: RecallQuery["include"]): number => {
  if (mode !== "none") return Math.max(limit, Math.min(100, Math.max(30, 3 * limit)));
  return include === "all" ? 2 * limit : limit;
};

/** The heuristic reads the turn before a result, also where the caller wants none. */
export const neighboursFor = (mode: RerankMode, context: number): number =>
  mode === "heuristic" ? Math.max(1, context) : context;

/** Weight of the pair model's probability beside the first stage's similarity; not fitted, for want of a model to fit. */
const pairShare = 0.5;
/** Fused scores stay below 2; a similarity of 1 would be an infinite one. */
const mostScore = 4;
/** What the heuristic may take for the largest pool, and what is kept back to show the answer, milliseconds. */
const heuristicMs = 20;
const reserveMs = 3;
/** How long a pair model is waited for when the call has no deadline. */
const mostPairMs = 15_000;
/** Models read some 512 tokens of question and text together. */
const pairCharacters = 4_000;

export interface Reranking {
  readonly mode: RerankMode;
  readonly question: string;
  /** Milliseconds that are left; null without a deadline. */
  readonly leftMs: number | null;
}

export interface Reranked {
  readonly found: readonly Found[];
  /** What was really applied: `none` when time was up or the model failed, and the order is then the first stage's. */
  readonly applied: RerankMode;
}

const signal = (raw: number, weight: number): Signal => ({ raw, weight, contribution: raw * weight });

/** In the order of the new similarities; equals keep the first stage's order. */
const reordered = (found: readonly Found[], told: readonly RerankExplanation[]): readonly Found[] =>
  found
    .map((one, at) => ({ one, rerank: told[at]! }))
    .toSorted((a, b) => b.rerank.score - a.rerank.score)
    .map(({ one, rerank }) => {
      const { similarity } = rerank;
      const { explain } = one.hit;
      return {
        ...one,
        hit: { ...one.hit, similarity, ...(explain === undefined ? {} : { explain: { ...explain, rerank } }) },
      };
    });

const byHeuristic = (question: string, found: readonly Found[]): readonly RerankExplanation[] => {
  const candidates = found.map((one) => ({
    id: idOf(one),
    content: contentOf(one),
    author: one.hit.type === "memory" ? one.hit.memory.author : null,
    score: Math.min(mostScore, scoreFor(one.hit.similarity)),
    before: turnBefore(one),
  }));
  return heuristicRerank(question, candidates).map((signals) => {
    const score = sumOf(signals);
    return { mode: "heuristic", signals, score, similarity: calibrate(score) };
  });
};

/** What the pair model reads of a result: the text with who said it and when. */
export const pairText = (found: Found): string => {
  const { hit } = found;
  const at = hit.type === "memory" ? hit.memory.occurredAt : hit.chunk.startTime;
  const author = hit.type === "memory" ? hit.memory.author : null;
  const date = at === null ? "" : `[${new Date(at).toUTCString().slice(5, 16)}] `;
  return `${date}${author === null ? "" : `${author}: `}${contentOf(found).slice(0, pairCharacters)}`;
};

/** The model's probabilities; null when it fails or takes longer than it may. */
const pairScores = async (
  scorer: PairScorer,
  question: string,
  texts: readonly string[],
  mostMs: number,
): Promise<Float32Array | null> => {
  const abort = new AbortController();
  const { promise: late, resolve } = Promise.withResolvers<null>();
  const timer = setTimeout(resolve, mostMs, null);
  const work = scorer.score(question, texts, abort.signal).catch((error: unknown) => {
    if (abort.signal.aborted || (isCairnError(error) && error.code === "reranker.unavailable")) return null;
    throw error;
  });
  try {
    const scores = await Promise.race([work, late]);
    return scores?.length === texts.length && scores.every(Number.isFinite) ? scores : null;
  } finally {
    clearTimeout(timer);
    abort.abort();
  }
};

const byPairs = (found: readonly Found[], scores: Float32Array): readonly RerankExplanation[] =>
  found.map(({ hit }, at) => {
    const signals = {
      first: signal(hit.similarity, 1 - pairShare),
      pair: signal(Math.min(1, Math.max(0, scores[at]!)), pairShare),
    };
    const score = signals.first.contribution + signals.pair.contribution;
    return { mode: "cross-encoder", signals, score, similarity: score };
  });

/** Never fails for want of time or of a model; `found` is best first. */
export const rerank = async (
  scorer: PairScorer | null,
  { mode, question, leftMs }: Reranking,
  found: readonly Found[],
): Promise<Reranked> => {
  const untouched: Reranked = { found, applied: "none" };
  const left = (leftMs ?? Number.POSITIVE_INFINITY) - reserveMs;
  if (mode === "none" || left <= 0) return untouched;
  if (mode === "heuristic") {
    if (left < heuristicMs) return untouched;
    return { found: reordered(found, byHeuristic(question, found)), applied: mode };
  }
  if (scorer === null) return untouched;
  if (found.length === 0) return { found, applied: mode };
  const scores = await pairScores(scorer, question, found.map(pairText), Math.min(left, mostPairMs));
  return scores === null ? untouched : { found: reordered(found, byPairs(found, scores)), applied: mode };
};
