import type { PassageVectors } from "@cairn/memory/embedding/embedder";

import type { StaticPassage } from "./embed.ts";

/** Bounds of one slice; a passage that alone has more characters is a slice of its own. */
export interface SliceBounds {
  readonly characters: number;
  readonly passages: number;
}

interface Job {
  readonly passages: readonly StaticPassage[];
  readonly done: PassageVectors[];
  readonly resolve: (vectors: readonly PassageVectors[]) => void;
  readonly reject: (error: unknown) => void;
}

/** How many passages from `from` make the next slice; at least one. */
const sliceLength = (passages: readonly StaticPassage[], from: number, bounds: SliceBounds): number => {
  let characters = passages[from]?.content.length ?? 0;
  let length = 1;
  for (; length < bounds.passages && from + length < passages.length; length += 1) {
    characters += passages[from + length]?.content.length ?? 0;
    if (characters > bounds.characters) break;
  }
  return length;
};

/**
 * Shares one embedder of slices among many requests: they take turns, a slice each, so that a small request waits for
 * one slice of every other request and never for a whole import. A request whose slice fails is rejected alone.
 */
export const makeSliceQueue = (
  embed: (passages: readonly StaticPassage[]) => Promise<readonly PassageVectors[]>,
  bounds: SliceBounds,
): ((passages: readonly StaticPassage[]) => Promise<readonly PassageVectors[]>) => {
  const jobs: Job[] = [];
  let running = false;

  const turn = async (job: Job): Promise<void> => {
    const from = job.done.length;
    const length = sliceLength(job.passages, from, bounds);
    try {
      job.done.push(...(await embed(job.passages.slice(from, from + length))));
    } catch (error) {
      return job.reject(error);
    }
    if (job.done.length < job.passages.length) jobs.push(job);
    else job.resolve(job.done);
  };

  const run = async (): Promise<void> => {
    running = true;
    for (let job = jobs.shift(); job !== undefined; job = jobs.shift()) await turn(job);
    running = false;
  };

  return (passages) => {
    const { promise, resolve, reject } = Promise.withResolvers<readonly PassageVectors[]>();
    if (passages.length === 0) return Promise.resolve([]);
    jobs.push({ passages, done: [], resolve, reject });
    if (!running) void run();
    return promise;
  };
};
