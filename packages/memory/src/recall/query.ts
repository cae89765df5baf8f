/** What a recall asks and what it answers, for every engine and edge. */
import type { Millis } from "@cairn/kernel/clock";
import type { EmbeddingModel } from "../embedding/embedder.ts";
import type { Category, Memory, Trust } from "../memory/memory.ts";

/** Every filter applies before ranking, in every signal (REC-2). Absent means "any". */
export interface RecallFilter {
  readonly tags?: readonly string[];
  readonly tagsMode?: "all" | "any";
  readonly key?: string;
  readonly category?: Category;
  readonly entity?: string;
  readonly sessionId?: string;
  readonly sourceInstance?: string;
  readonly author?: string;
  readonly minTrust?: Trust;
  /** Event time (occurred_at, else record time) at or after; milliseconds. */
  readonly after?: Millis;
  /** Event time before (exclusive). */
  readonly before?: Millis;
}

export interface RecallQuery extends RecallFilter {
  readonly query: string;
  /** Unit vector of the question; all zeros when it says nothing to the model. */
  readonly vector: Float32Array;
  /** The model of `vector`; absent, the engine's own. In a space of another model words alone are compared. */
  readonly vectorModel?: string;
  /** The cosine that unrelated texts have in that model, below 1; absent: 0. */
  readonly vectorFloor?: number;
  readonly limit: number;
  readonly offset?: number;
  /** Calibrated score below which nothing is returned, 0..1. */
  readonly minRelevance: number;
  readonly include: "memories" | "sessions" | "all";
  /** Answers as the memory stood then (record time); absent: now. */
  readonly asOf?: Millis;
  /** The caller's clock, for expiry, validity and phrases of time. */
  readonly now: Millis;
  readonly timeZone?: string;
  /** Also finds what is held back (MEM-11); absent: no. */
  readonly includeQuarantined?: boolean;
  /** How many neighbours of a hit in its session to return on each side. */
  readonly context?: number;
  readonly explain?: boolean;
  /** Every cosine is computed, whatever it takes: to measure what the estimates of large spaces lose. */
  readonly exact?: boolean;
  /** Wall clock in milliseconds after which the best so far is returned. */
  readonly deadlineAt?: number;
}

/** One signal's part: `raw` as measured, `contribution` as it entered the sum. */
export interface Signal {
  readonly raw: number;
  readonly weight: number;
  readonly contribution: number;
}

export interface Explanation {
  readonly lexical: Signal;
  readonly dense: Signal;
  readonly author: Signal;
  readonly session: Signal;
  readonly time: Signal;
  readonly reply: Signal;
  readonly timeCue: Signal;
  readonly feedback: Signal;
  /** The sum of the contributions; `similarity` is its calibration. */
  readonly score: number;
  readonly similarity: number;
  /** Present where the best were ordered again: the hit's similarity is then the one in here. */
  readonly rerank?: RerankExplanation;
  /** The filters that the result passed, as `name: value`. */
  readonly filters: readonly string[];
  /** Why the caller may see it. */
  readonly permission: string;
}

/** How a second look changed a score (REC-4). */
export interface RerankExplanation {
  readonly mode: "heuristic" | "cross-encoder";
  /** By name; `first` is the part of what the fusion had found. */
  readonly signals: Readonly<Record<string, Signal>>;
  /** The sum of the contributions. */
  readonly score: number;
  /** Of the heuristic, the score's calibration; of the cross-encoder, the score itself. */
  readonly similarity: number;
}

export interface MemoryHit {
  readonly type: "memory";
  readonly memory: Memory;
  readonly similarity: number;
  readonly neighbours: readonly Memory[];
  /** Ids of memories that say otherwise about the same entity and attribute. */
  readonly conflicts: readonly string[];
  /** Its validity has ended, or something newer contradicts it. */
  readonly stale: boolean;
  readonly explain?: Explanation;
}

export interface SessionChunk {
  readonly chunkId: string;
  readonly sessionId: string;
  readonly instanceId: string;
  readonly content: string;
  readonly startTime: Millis;
  readonly endTime: Millis;
  readonly chunkIndex: number;
}

export interface SessionHit {
  readonly type: "session";
  readonly chunk: SessionChunk;
  readonly similarity: number;
  /** The chunks around it in its session, in order. */
  readonly neighbours: readonly SessionChunk[];
  readonly explain?: Explanation;
}

export type RecallHit = MemoryHit | SessionHit;

export interface RecallAnswer {
  readonly hits: readonly RecallHit[];
  /** How many matched before limit and offset. */
  readonly total: number;
  /**
   * Something may be missing: the deadline cut the work short, or not every memory was looked at, because the space is
   * large and its index is not in this server's memory. What is here is the best that was found, each with its true
   * score; `total` counts only what was looked at.
   */
  readonly partial: boolean;
  /** The space's model; the caller's vector was compared only if it is of the same. Null before the first write. */
  readonly model: EmbeddingModel | null;
}
