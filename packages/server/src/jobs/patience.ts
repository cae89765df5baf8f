/**
 * Patience with embedders that cannot answer: each is asked again after growing, jittered pauses, or when it said that
 * it could, and only the first refusal of an outage is told.
 */
import { CairnError, isCairnError } from "@cairn/kernel/error";
import type { Embedder } from "@cairn/memory/embedding/embedder";

export interface PatienceOptions {
  readonly now: () => number;
  readonly random: () => number;
  /** Told once for each outage. */
  readonly unavailable: (model: string, error: CairnError) => void;
  readonly firstPauseMs: number;
  readonly longestPauseMs: number;
}

export interface Patience {
  /** The embedder as it is to be asked: it says at once that it is unavailable while it should be left in peace. */
  readonly with: (embedder: Embedder) => Embedder;
  /** When the first of those that are left in peace may be asked again; null when none is left in peace. */
  readonly until: () => number | null;
  readonly unavailable: () => readonly string[];
}

interface Outage {
  readonly failures: number;
  readonly until: number;
}

export const makePatience = (options: PatienceOptions): Patience => {
  const { now, random, firstPauseMs, longestPauseMs } = options;
  const outages = new Map<string, Outage>();
  const note = (model: string, error: CairnError): void => {
    const failures = (outages.get(model)?.failures ?? 0) + 1;
    const growing = Math.min(longestPauseMs, firstPauseMs * 2 ** Math.min(failures - 1, 30));
    const asked = Math.min(longestPauseMs, error.data.retryAfterMs ?? 0);
    // Never before the time that the service named; others who wait for it should not all come at once.
    const pause = Math.max(growing * (0.5 + random() / 2), asked * (1 + random() / 4));
    outages.set(model, { failures, until: now() + pause });
    if (failures === 1) options.unavailable(model, error);
  };
  return {
    with: (embedder) => {
      const { id } = embedder.model;
      return {
        ...embedder,
        embedPassages: async (passages, use) => {
          const outage = outages.get(id);
          if (outage !== undefined && outage.until > now()) {
            const retryAfterMs = outage.until - now();
            throw new CairnError("embedding.unavailable", `The embedder ${id} did not answer before.`, {
              retryAfterMs,
            });
          }
          try {
            const vectors = await embedder.embedPassages(passages, use);
            outages.delete(id);
            return vectors;
          } catch (error) {
            const aborted = use?.signal?.aborted === true;
            if (!aborted && isCairnError(error) && error.code === "embedding.unavailable") note(id, error);
            throw error;
          }
        },
      };
    },
    until: () => {
      const times = [...outages.values()].map((outage) => outage.until).filter((until) => until > now());
      return times.length === 0 ? null : Math.min(...times);
    },
    unavailable: () => [...outages.keys()],
  };
};
