/**
 * What stands behind the queue: a model that is worth queueing and caching for, because a text costs it milliseconds
 * (ONNX in a worker) or a request (a service). It reads whole texts; how long ones are cut to chunks is its own affair.
 * The built-in table is none of these: looking a text up would cost as much as embedding it.
 */
import type { EmbeddingModel, PassageText, PassageVectors } from "@cairn/memory/embedding/embedder";

export type TextKind = "query" | "passage";

export interface TextModel {
  readonly model: EmbeddingModel;
  /** What the model reads of a passage, such as "[date] author: text". Equal texts have equal vectors. */
  readonly passageText: (passage: PassageText) => string;
  readonly queryText: (query: string) => string;
  /**
   * Unit vectors of each text, in order: one a chunk for passages, exactly one for a question. Rejects with
   * `embedding.unavailable` (with `retryAfterMs` where that is known) when the model cannot answer now.
   */
  readonly encode: (
    texts: readonly string[],
    kind: TextKind,
    signal?: AbortSignal,
  ) => Promise<readonly PassageVectors[]>;
  /** What one call takes, and how many calls may run at once. */
  readonly batch: { readonly texts: number; readonly characters: number; readonly calls: number };
  readonly close: () => Promise<void>;
}
