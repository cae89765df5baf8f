/**
 * A kind of background work, declared once: its name, what its payload looks like, what it does, and how patient it is.
 *
 * A payload holds ids and small settings only, never what somebody stored: it lies in the queue unencrypted, outlives
 * the space that it speaks of, and is seen by operators.
 */
import { CairnError } from "@cairn/kernel/error";
import type { Enqueues } from "./jobs.ts";

export interface JobRun {
  /** Aborted when the job has taken too long, when the server stops, and when its lease was lost. */
  readonly signal: AbortSignal;
  /** 1 the first time. */
  readonly attempt: number;
  readonly jobs: Enqueues;
}

export interface JobSchedule {
  /** Once in so many milliseconds across all servers; what was missed is caught up once. */
  readonly everyMs: number;
  /** From the time when the schedule is first seen until it first fires. */
  readonly firstMs?: number;
  /** Each firing is put off by up to so much, at random. */
  readonly jitterMs?: number;
}

export interface JobSpec<Payload> {
  /** Small letters, digits and dashes; what lies in queues is found by it, so it never changes. */
  readonly name: string;
  /** Returns the payload or throws; asked both when a job is put in and before it runs. */
  readonly parse: (payload: unknown) => Payload;
  /** Runs at least once; again after a failure or when its server died, so what it does twice must do no harm. */
  readonly run: (payload: Payload, run: JobRun) => Promise<void>;
  /** How often it is tried again after it failed; 5 when absent. */
  readonly retries?: number;
  /** Milliseconds to wait after so many failures; growing and jittered when absent. */
  readonly backoff?: (failures: number) => number;
  /** 10 minutes when absent. */
  readonly timeoutMs?: number;
  readonly schedule?: JobSchedule;
}

/** A spec whose payload's type is forgotten, so that a list may hold several. */
export interface JobType {
  readonly name: string;
  readonly retries: number;
  readonly timeoutMs: number;
  readonly schedule: JobSchedule | null;
  readonly backoff: (failures: number) => number;
  /** Throws what `parse` throws. */
  readonly check: (payload: unknown) => void;
  readonly run: (payload: unknown, run: JobRun) => Promise<void>;
}

export const jobLimits = {
  /** Bytes of a payload as JSON in UTF-8. */
  payloadBytes: 8_192,
  /** Characters. */
  keyLength: 200,
  queueLength: 120,
  retries: 100,
  /** Jobs that are put in, or listed, at once. */
  batch: 1_000,
  priority: 1_000,
  longestPauseMs: 3_600_000,
  /** Longest time of setTimeout. */
  longestMs: 2_147_483_647,
} as const;

const minute = 60_000;

/** 5 s doubled with each failure, at most an hour, of which up to half is left out at random. */
export const growingPause = (failures: number, random: () => number = Math.random): number => {
  const pause = Math.min(jobLimits.longestPauseMs, 5_000 * 2 ** Math.min(failures - 1, 20));
  return pause * (0.5 + random() / 2);
};

const refuse = (name: string, what: string): never => {
  throw new CairnError("internal", `The declaration of the job ${name} is unsound: ${what}.`);
};

const isWhole = (value: number, least: number, most: number): boolean =>
  Number.isInteger(value) && value >= least && value <= most;

/** Throws internal for a declaration that could not work. */
export const defineJob = <Payload>(spec: JobSpec<Payload>): JobType => {
  const { name, parse, run, retries = 5, backoff = growingPause, timeoutMs = 10 * minute, schedule = null } = spec;
  if (!/^[a-z][a-z0-9-]{0,59}$/u.test(name)) refuse(name, "its name");
  if (!isWhole(retries, 0, jobLimits.retries)) refuse(name, "its retries");
  if (!isWhole(timeoutMs, 1, jobLimits.longestMs)) refuse(name, "its time limit");
  if (schedule !== null && !isWhole(schedule.everyMs, 1, jobLimits.longestMs)) refuse(name, "its schedule");
  return {
    name,
    retries,
    timeoutMs,
    schedule,
    backoff,
    check: (payload) => void parse(payload),
    run: (payload, context) => run(parse(payload), context),
  };
};
