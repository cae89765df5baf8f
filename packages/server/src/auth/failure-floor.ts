/**
 * All refusals of a credential last equally long: until the next multiple of some milliseconds since the request came,
 * whatever was wrong with it and whether that was found out by arithmetic, from memory or in the database. A refusal
 * that waits holds a timer and nothing else: no connection to the database, no place in a queue.
 */
import { setTimeout as sleep } from "node:timers/promises";

export interface FailureFloor {
  /** The moment a request came, for `over`. */
  readonly now: () => number;
  /** Resolves at the next multiple of the step since `since`, one step after it at the earliest. */
  readonly over: (since: number) => Promise<void>;
}

export interface FailureFloorOptions {
  readonly stepMs?: number;
  /** Milliseconds that only go forward. */
  readonly now?: () => number;
  readonly wait?: (milliseconds: number) => Promise<unknown>;
}

export const makeFailureFloor = ({
  stepMs = 25,
  now = () => performance.now(),
  wait = sleep,
}: FailureFloorOptions = {}): FailureFloor => ({
  now,
  over: async (since) => {
    const steps = Math.max(1, Math.ceil((now() - since) / stepMs));
    const until = since + steps * stepMs;
    // A timer may come a little early.
    for (let left = until - now(); left > 0; left = until - now()) await wait(Math.ceil(left));
  },
});
