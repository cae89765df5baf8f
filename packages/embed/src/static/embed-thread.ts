import { Worker } from "node:worker_threads";

import { CairnError } from "@cairn/kernel/error";
import type { PassageVectors } from "@cairn/memory/embedding/embedder";

import type { StaticPassage } from "./embed.ts";
import type { StaticTable } from "./table.ts";
import { type SliceMessage, unpackVectors, type VectorsMessage } from "./worker-messages.ts";

/** Embeds slices one at a time: the next call waits for the answer to the one before. */
export interface SliceEmbedder {
  readonly embed: (passages: readonly StaticPassage[]) => Promise<readonly PassageVectors[]>;
  readonly close: () => Promise<void>;
}

interface Pending {
  readonly resolve: (message: VectorsMessage) => void;
  readonly reject: (error: CairnError) => void;
}

/** A slice is given to a second thread when the first one died with it, and given up when that one dies too. */
const attempts = 2;

export const embeddingUnavailable = (message: string, cause?: unknown): CairnError =>
  new CairnError("embedding.unavailable", message, {}, { cause });

/**
 * A `SliceEmbedder` in one worker thread, which is started by the first slice, does not keep the process alive while
 * it is idle, and is started anew when it has died. Rejects with `embedding.unavailable`.
 */
export const makeEmbedThread = (table: StaticTable, workerUrl: URL): SliceEmbedder => {
  let worker: Worker | null = null;
  let pending: Pending | null = null;

  const settle = (): Pending | null => {
    const settled = pending;
    pending = null;
    worker?.unref();
    return settled;
  };

  const start = (): Worker => {
    const started = new Worker(workerUrl, { name: "cairn-embed", workerData: table });
    const lost = (cause: unknown): void => {
      if (worker !== started) return;
      worker = null;
      settle()?.reject(embeddingUnavailable("The embedding thread ended unexpectedly.", cause));
    };
    started.on("message", (message: VectorsMessage) => settle()?.resolve(message));
    started.on("messageerror", lost);
    started.on("error", lost);
    started.on("exit", (status) => lost(new Error(`exit status ${status}`)));
    return started;
  };

  const post = (message: SliceMessage): Promise<VectorsMessage> => {
    const answer = Promise.withResolvers<VectorsMessage>();
    try {
      worker ??= start();
      pending = answer;
      worker.ref();
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window, has no origin
      worker.postMessage(message);
    } catch (error) {
      settle();
      answer.reject(embeddingUnavailable("The embedding thread cannot be started.", error));
    }
    return answer.promise;
  };

  let closed = false;
  const embed = async (passages: readonly StaticPassage[]): Promise<readonly PassageVectors[]> => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return unpackVectors(table.dimensions, await post({ passages }));
      } catch (error) {
        if (closed || attempt === attempts) throw error;
      }
    }
  };

  const close = async (): Promise<void> => {
    closed = true;
    const ending = worker;
    worker = null;
    settle()?.reject(embeddingUnavailable("The embedder is closed."));
    await ending?.terminate();
  };

  return { embed, close };
};
