/** Gives memories the vectors that they lack, a batch at a time, while others go on working. */
import type { Services } from "@cairn/operations/context";

export type FillProgress = (space: string, filled: number) => Promise<void>;

const batchSize = 200;

/** The number of memories that got vectors. */
export const fillVectors = async (
  { engine, embedder, settings }: Services,
  space: string,
  signal: AbortSignal,
  progress: FillProgress,
): Promise<number> => {
  const reader = engine.read(space);
  const writer = engine.write(space, { principal: "cairn", instance: settings.instance });
  let filled = 0;
  for (;;) {
    signal.throwIfAborted();
    const missing = await reader.missingVectors(batchSize);
    const vectors = await embedder.embedPassages(missing.map(({ passage }) => passage));
    let done = 0;
    for (const [index, { id, version }] of missing.entries()) {
      const own = vectors[index] ?? [];
      if (own.length > 0 && (await writer.setVectors(id, version, own))) done += 1;
    }
    filled += done;
    await progress(space, filled);
    // A text that says nothing to the model stays without; nothing more would come of going on.
    if (done === 0) return filled;
  }
};
