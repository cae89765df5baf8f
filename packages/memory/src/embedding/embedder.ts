/**
 * The port of embedders. A text becomes one vector per chunk (a chunk is what the model can read at once); vectors
 * have unit length, so that a dot product is the cosine. Vectors of different models are never compared.
 */
export interface EmbeddingModel {
  /** Stable name with everything that changes vectors, such as `cairn-static-256@1`. */
  readonly id: string;
  readonly dimensions: number;
  readonly provider: string;
}

export interface PassageText {
  readonly content: string;
  /** Who said it: some models read "author: text". */
  readonly author: string | null;
  /** The day it happened, for models that read "[date] author: text"; milliseconds since 1970. */
  readonly occurredAt: number | null;
}

/** One unit vector a chunk, in the order of the text; none when the text holds nothing the model knows. */
export type PassageVectors = readonly Float32Array[];

/** On whose behalf: embedders that queue let tenants take turns, and questions go before passages. */
export interface EmbeddingUse {
  /** The space that the text belongs to. */
  readonly tenant?: string;
  /** Nobody waits for the answer any more: what has not begun need not begin. */
  readonly signal?: AbortSignal;
}

/** Calls reject with `embedding.unavailable` while the model cannot be reached. */
export interface Embedder {
  readonly model: EmbeddingModel;
  /** The unit vector of a question; all zeros when it holds nothing the model knows. */
  readonly embedQuery: (text: string, use?: EmbeddingUse) => Promise<Float32Array>;
  /** Vectors of each passage, in order. Never blocks the calling thread for more than a few milliseconds. */
  readonly embedPassages: (passages: readonly PassageText[], use?: EmbeddingUse) => Promise<readonly PassageVectors[]>;
  /**
   * What is kept of these passages from earlier calls is removed; false when that could not be done just now. Absent
   * where nothing is kept.
   */
  readonly forget?: (passages: readonly PassageText[]) => boolean;
  readonly close: () => Promise<void>;
}
