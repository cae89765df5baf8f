/**
 * Whose turn it is on a storage thread. Questions are answered as they arrive; writes take turns, a slice of time each,
 * one slice between two looks at what has arrived. A write that takes long also makes room for questions that wait
 * anywhere in the process (EMB-4): on a machine with few cores it would otherwise take from them what it is not given.
 * It never stands still for long, so that an import gets on whatever is asked meanwhile.
 */
import type { Steps } from "@cairn/memory/write/context";
import { storageError } from "../sqlite-error.ts";
import { anyoneWaits, type Readers } from "@cairn/store/threads/readers";

/** Milliseconds of one slice where nobody has asked lately, and where somebody has. */
const sliceMs = 4;
const shortSliceMs = 1;
/** How long a question is remembered: who asks once asks again. */
const rememberedMs = 100;
/** So much work of a write is done without making room: a single memory is soon stored. */
const ownMs = 5;
/** The longest stand between two slices. */
const mostStandMs = 10;

export interface Scheduler {
  /** Runs steps to their end; those that are `patient` make room for questions. */
  readonly run: <T>(steps: Steps<T>, patient?: boolean) => Promise<T>;
}

export const makeScheduler = (readers: Readers): Scheduler => {
  const queue: (() => void)[] = [];
  let lastAsked = Number.NEGATIVE_INFINITY;

  const takeTurn = (): void => {
    const next = queue.shift();
    if (queue.length > 0) setImmediate(takeTurn);
    next?.();
  };
  const queueUp = (next: () => void): void => {
    if (queue.push(next) > 1) return;
    // While somebody asks, a core is left to whoever answers after each slice.
    if (performance.now() - lastAsked < rememberedMs) setTimeout(takeTurn, 1);
    else setImmediate(takeTurn);
  };
  const isAsked = (): boolean => {
    if (!anyoneWaits(readers)) return false;
    lastAsked = performance.now();
    return true;
  };

  return {
    run: <T>(steps: Steps<T>, patient = false) =>
      new Promise<T>((resolve, reject) => {
        let worked = 0;
        let stoodSince: number | null = null;
        const next = (): void => {
          const started = performance.now();
          if (patient && isAsked() && worked > ownMs && started - (stoodSince ??= started) < mostStandMs) {
            setTimeout(next, 1);
            return;
          }
          stoodSince = null;
          const until = started + (started - lastAsked < rememberedMs ? shortSliceMs : sliceMs);
          try {
            for (;;) {
              const taken = steps.next();
              const now = performance.now();
              if (taken.done === true) resolve(taken.value);
              else if (taken.value.waitMs > 0) setTimeout(next, taken.value.waitMs);
              else if (now < until) continue;
              else queueUp(next);
              worked += now - started;
              return;
            }
          } catch (error) {
            reject(storageError(error));
          }
        };
        if (patient) queueUp(next);
        else next();
      }),
  };
};
