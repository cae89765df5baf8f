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

export interface Embedder {
  readonly model: EmbeddingModel;
  /** The unit vector of a question; all zeros when it holds nothing the model knows. */
  readonly embedQuery: (text: string) => Promise<Float32Array>;
  /** Vectors of each passage, in order. Never blocks the calling thread for more than a few milliseconds. */
  readonly embedPassages: (passages: readonly PassageText[]) => Promise<readonly PassageVectors[]>;
  readonly close: () => Promise<void>;
}
