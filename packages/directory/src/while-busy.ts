/** Patience with SQLite's one write lock: SQLite waits in this thread, so it waits shortly and is asked again. */
import { setTimeout as sleep } from "node:timers/promises";
import { isBusy, storageError } from "./storage-error.ts";

/** Does the work again and again while another process holds the lock. Throws storage.*. */
export const whileBusy = async <Result>(busyMs: number, work: () => Promise<Result>): Promise<Result> => {
  const until = performance.now() + busyMs;
  for (let wait = 2; ; wait = Math.min(2 * wait, 100)) {
    try {
      return await work();
    } catch (error) {
      if (!isBusy(error) || performance.now() + wait > until) throw storageError(error);
      await sleep(wait * (0.5 + Math.random()));
    }
  }
};
