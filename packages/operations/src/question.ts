/** Embedding a question: without an answer from the embedder in time, words alone must do. */
import { isCairnError } from "@cairn/kernel/error";
import type { Embedder } from "@cairn/memory/embedding/embedder";

export interface Question {
  /** Unit length; all zeros when there is none. */
  readonly vector: Float32Array;
  readonly embedded: boolean;
  /** The embedder took longer than its part of the deadline. */
  readonly late: boolean;
}

/** The part of a deadline that embedding may take: the search needs the rest. */
const share = 0.5;

const orLate = async (work: Promise<Float32Array>, milliseconds: number): Promise<Float32Array | "late"> => {
  const { promise, resolve } = Promise.withResolvers<"late">();
  const timer = setTimeout(resolve, milliseconds, "late");
  // When time is up first, a later failure of the embedder concerns nobody.
  work.catch(() => undefined);
  try {
    return await Promise.race([work, promise]);
  } finally {
    clearTimeout(timer);
  }
};

export const embedQuestion = async (
  embedder: Embedder,
  query: string,
  deadlineMs: number | null,
): Promise<Question> => {
  const nothing = new Float32Array(embedder.model.dimensions);
  try {
    const work = embedder.embedQuery(query);
    const vector = deadlineMs === null ? await work : await orLate(work, deadlineMs * share);
    if (vector === "late") return { vector: nothing, embedded: false, late: true };
    return { vector, embedded: true, late: false };
  } catch (error) {
    if (isCairnError(error) && error.code === "embedding.unavailable")
      return { vector: nothing, embedded: false, late: false };
    throw error;
  }
};
