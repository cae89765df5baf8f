/** Gives texts the vectors that they lack, and a space the configured model, a portion at a time, while others work. */
import { isCairnError } from "@cairn/kernel/error";
import type { Services } from "@cairn/operations/context";
import { fillSpace } from "@cairn/server/jobs/fill-space";

export type FillProgress = (space: string, filled: number) => Promise<void>;

const portion = 200;

export interface VectorsFilled {
  readonly filled: number;
  /** What the embedder said when it could not go on; null when it could. */
  readonly unavailable: string | null;
}

export const fillVectors = async (
  services: Services,
  space: string,
  signal: AbortSignal,
  progress: FillProgress,
): Promise<VectorsFilled> => {
  let filled = 0;
  const told = async (count: number): Promise<void> => {
    filled = count;
    await progress(space, count);
  };
  try {
    await fillSpace(services, space, { signal, portion, progress: told });
    return { filled, unavailable: null };
  } catch (error) {
    if (signal.aborted || !isCairnError(error) || error.code !== "embedding.unavailable") throw error;
    return { filled, unavailable: error.message };
  }
};
