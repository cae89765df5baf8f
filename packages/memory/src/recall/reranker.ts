/**
 * The port of cross-encoders: models that read a question and a text together and say how well the text answers it
 * (Nogueira & Cho 2019). Slower than vectors by orders of magnitude, so they are asked about the best few only.
 */
export interface PairScorer {
  /** Stable name with everything that changes scores. */
  readonly id: string;
  /**
   * The relevance of each text for the question, 0..1 (the logistic function of the model's output), in order. Rejects
   * with `reranker.unavailable`.
   */
  readonly score: (question: string, texts: readonly string[], signal?: AbortSignal) => Promise<Float32Array>;
  readonly close: () => Promise<void>;
}

export const rerankModes = ["none", "heuristic", "cross-encoder"] as const;
export type RerankMode = (typeof rerankModes)[number];
