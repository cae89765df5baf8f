/**
 * Runs jobs from a queue: takes as many as it has hands for, tells the queue that it lives while it holds any, and
 * looks again when something was put in, when a job ended, when the next one falls due, and now and then for what
 * others did.
 *
 * A worker that could not tell that it lives for most of its lease aborts what it runs, because another may begin it
 * soon. Only where its process is stopped for longer than the lease can two run one job at once.
 */
import { newId } from "@cairn/kernel/id";
import { type Attempt, beginAttempt, pauseAfter } from "./attempt.ts";
import { stopping } from "./job-failure.ts";
import type { JobStore, NewJob, TakenJob } from "./job-store.ts";
import type { JobType } from "./job-type.ts";
import type { Enqueues, JobFigures } from "./jobs.ts";

export interface JobFailed {
  readonly name: string;
  readonly id: string;
  readonly attempt: number;
  /** It is not tried again. */
  readonly exhausted: boolean;
}

export interface WorkerOptions {
  /** Jobs that run at once in this process. */
  readonly concurrency?: number;
  /** After so long a silence of its worker a job is another's. */
  readonly leaseMs?: number;
  /** How often to look for what nobody told of. */
  readonly pollMs?: number;
  /** How long failed jobs stay visible. */
  readonly keepFailedMs?: number;
  /** How long a job that was aborted may take to end before it is left to itself. */
  readonly abandonMs?: number;
  readonly random?: () => number;
  /** Told of every failure of a job, for logs. */
  readonly jobFailed?: (job: JobFailed, error: unknown) => void;
  /** Told once when the queue cannot be reached, until it can again. */
  readonly failed?: (error: unknown) => void;
}

export interface Worker {
  readonly start: () => void;
  readonly stop: (limitMs: number) => Promise<void>;
  /** Something may be due. */
  readonly wake: () => void;
  readonly figures: () => JobFigures;
}

interface Running extends Attempt {
  readonly job: TakenJob;
  readonly worker: string;
  /** keep: its end is written down. return: it goes back unless it is done. drop: it is not ours any more. */
  fate: "keep" | "return" | "drop";
  ended: Promise<void>;
}

const leastPauseMs = 20;
const longestOutageMs = 5_000;
const longestTickMs = 60_000;
const hour = 3_600_000;

/** A log that cannot be written keeps no job from its end. */
const tell = (speak: () => void): void => {
  try {
    speak();
  } catch {
    // There is nobody else to tell.
  }
};

const sleep = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => void setTimeout(resolve, milliseconds).unref());

export const makeWorker = (
  store: JobStore,
  types: ReadonlyMap<string, JobType>,
  scheduled: (type: JobType) => NewJob,
  enqueues: Enqueues,
  options: WorkerOptions,
): Worker => {
  const { concurrency = 4, leaseMs = 30_000, pollMs = 2_000, keepFailedMs = 14 * 24 * hour } = options;
  const { abandonMs = 5_000, random = Math.random } = options;
  const { jobFailed = () => undefined, failed = () => undefined } = options;
  const names = [...types.keys()];
  const now = (): number => performance.now();
  const running = new Set<Running>();
  const nextTick = new Map<string, number>();
  let id = newId();
  // Whether jobs may have been taken that we were not told of.
  let isUnsure = false;
  let heardAt = 0;
  let active = false;
  // Jobs that are ending while the worker stops are still ours.
  let beats = false;
  let failures = 0;
  let pumping: Promise<void> | null = null;
  let again = false;
  let pumpTimer: NodeJS.Timeout | undefined;
  let beatTimer: NodeJS.Timeout | undefined;
  let careTimer: NodeJS.Timeout | undefined;
  let beating: Promise<void> = Promise.resolve();
  let caring: Promise<void> = Promise.resolve();
  let pruneAt = 0;
  let listening: Promise<{ readonly stop: () => Promise<void> } | null> = Promise.resolve(null);
  const counted = { done: 0, failures: 0, exhausted: 0 };

  const isActive = (): boolean => active;
  const wantsMore = (): boolean => again && active;
  const held = (): readonly Running[] => [...running].filter(({ fate }) => fate !== "drop");
  const reached = (): void => void (failures = 0);
  const missed = (error: unknown): number => {
    if (failures++ === 0) tell(() => failed(error));
    return Math.min(longestOutageMs, 50 * 2 ** Math.min(failures, 12)) * (0.5 + random() / 2);
  };

  /** What we hold may be another's by now. */
  const lose = (): void => {
    for (const one of held()) {
      one.fate = "drop";
      one.abort(stopping());
    }
    id = newId();
  };

  /** Writes the end of a job down, for as long as the job is ours. */
  const settle = async (write: () => Promise<void>): Promise<void> => {
    const until = now() + leaseMs;
    for (;;) {
      try {
        await write();
        return reached();
      } catch (error) {
        const pause = missed(error);
        if (now() + pause > until) return lose();
        await sleep(pause);
      }
    }
  };

  const finish = async (one: Running, type: JobType): Promise<void> => {
    const { error, failure } = await one.outcome;
    const { job, worker } = one;
    if (one.fate === "drop") return;
    if (failure === null) {
      counted.done += 1;
      return settle(() => store.complete(worker, job));
    }
    if (one.fate === "return") return settle(() => store.giveBack(worker, job));
    const pause = pauseAfter(type, job, error);
    counted.failures += 1;
    if (pause === null) counted.exhausted += 1;
    const exhausted = pause === null;
    tell(() => jobFailed({ name: job.name, id: job.id, attempt: job.attempt, exhausted }, error));
    return settle(() => store.fail(worker, job, failure, pause));
  };

  const begin = (job: TakenJob): void => {
    const type = types.get(job.name);
    if (type === undefined) return;
    const one: Running = {
      ...beginAttempt(type, job, enqueues, abandonMs),
      job,
      worker: id,
      fate: "keep",
      ended: Promise.resolve(),
    };
    running.add(one);
    one.ended = finish(one, type).finally(() => {
      running.delete(one);
      wake();
    });
  };

  const takeAll = async (): Promise<void> => {
    while (isActive() && running.size < concurrency) {
      const [worker, fresh] = [id, held().length === 0];
      if (isUnsure) {
        const ids = held().map(({ job }) => job.id);
        await store.keepOnly(worker, ids);
      }
      isUnsure = true;
      const taken = await store.take({ worker, names, most: concurrency - running.size, fresh });
      isUnsure = false;
      if (fresh) heardAt = now();
      if (taken.length === 0) return;
      if (active && worker === id) for (const job of taken) begin(job);
      else for (const job of taken) await store.giveBack(worker, job);
    }
  };

  const fireSchedules = async (): Promise<number> => {
    let next = Infinity;
    for (const type of types.values()) {
      if (type.schedule === null) continue;
      const { everyMs, firstMs = 0, jitterMs = 0 } = type.schedule;
      let at = nextTick.get(type.name) ?? 0;
      if (at <= now()) {
        const delayMs = Math.round(jitterMs * random());
        const tickIn = await store.tick({ everyMs, firstMs, delayMs, job: scheduled(type) });
        // Timers stand still while a machine sleeps, so the schedule is asked again before long.
        at = now() + Math.min(longestTickMs, Math.max(leastPauseMs, tickIn));
        nextTick.set(type.name, at);
      }
      next = Math.min(next, at - now());
    }
    return next;
  };

  const pump = async (): Promise<void> => {
    let pause = pollMs;
    do {
      again = false;
      try {
        const tickIn = await fireSchedules();
        await takeAll();
        const dueIn = running.size < concurrency ? await store.dueIn(names) : null;
        pause = Math.max(leastPauseMs, Math.min(pollMs * (0.75 + random() / 2), tickIn, dueIn ?? Infinity));
        reached();
      } catch (error) {
        again = false;
        pause = missed(error);
      }
    } while (wantsMore());
    clearTimeout(pumpTimer);
    if (active) pumpTimer = setTimeout(wake, pause).unref();
  };

  const wake = (): void => {
    again = true;
    if (!active || pumping !== null) return;
    pumping = pump().finally(() => {
      pumping = null;
      if (again) wake();
    });
  };

  const beat = async (): Promise<void> => {
    if (held().length > 0) {
      const worker = id;
      try {
        const lives = await store.beat(worker);
        if (worker === id && lives) heardAt = now();
        else if (worker === id) lose();
      } catch (error) {
        missed(error);
      }
      if (worker === id && now() - heardAt > leaseMs * 0.7) lose();
    }
    if (beats) waitToBeat();
  };
  const waitToBeat = (): void => {
    beatTimer = setTimeout(() => void (beating = beat()), leaseMs / 5).unref();
  };

  /** Care for the queue as a whole, which every worker takes: what the dead held, and what nobody needs any more. */
  const care = async (): Promise<void> => {
    try {
      if ((await store.recover(leaseMs)) > 0) wake();
      if (now() >= pruneAt) {
        pruneAt = now() + hour;
        await store.prune(keepFailedMs);
      }
    } catch (error) {
      missed(error);
    }
    if (!active) return;
    careTimer = setTimeout(() => void (caring = care()), (leaseMs / 3) * (0.75 + random() / 2)).unref();
  };

  const waitForAll = (limitMs: number): Promise<unknown> =>
    Promise.race([Promise.all([...running].map(({ ended }) => ended)), sleep(limitMs)]);

  return {
    start: () => {
      if (active) return;
      active = true;
      pruneAt = now();
      nextTick.clear();
      listening = store.listen?.(wake) ?? Promise.resolve(null);
      listening.catch(missed);
      wake();
      caring = care();
      beats = true;
      waitToBeat();
    },
    stop: async (limitMs) => {
      if (!active) return;
      active = false;
      for (const timer of [pumpTimer, careTimer]) clearTimeout(timer);
      const listener = await listening.catch(() => null);
      await listener?.stop();
      await pumping;
      if (running.size > 0) await waitForAll(limitMs);
      for (const one of held()) {
        one.fate = "return";
        one.abort(stopping());
      }
      if (running.size > 0) await waitForAll(Math.min(abandonMs, 1_000));
      for (const one of held()) {
        one.fate = "drop";
        await store.giveBack(one.worker, one.job).catch(missed);
      }
      beats = false;
      clearTimeout(beatTimer);
      await Promise.all([beating, caring]);
      await store.leave(id).catch(missed);
      id = newId();
    },
    wake,
    figures: () => ({ ...counted, running: running.size }),
  };
};
