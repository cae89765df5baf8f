/**
 * Work that nobody waits for: the port. Jobs are put into a queue that all servers of a database (or all processes of a
 * data folder) share, run at least once by one of them, tried again when they fail, and seen by operators.
 *
 * What is promised on both engines is in `testing/src/jobs-conformance.ts`.
 */
import type { Millis } from "@cairn/kernel/clock";
import type { JobFailure } from "./job-failure.ts";

export interface EnqueueOptions {
  /**
   * Makes putting in idempotent: of one name and key, one job waits at most. A later one replaces its payload and may
   * bring it forward. While a job of the key runs, one more may be put in; it runs afterwards. One that has failed goes
   * when another is put in.
   */
  readonly key?: string;
  /** Not before; now when absent. */
  readonly runAt?: Millis;
  /** Jobs of one queue run one after the other, whoever runs them. Without one, jobs of a key do. */
  readonly queue?: string;
  /** Lower ones run first; 0 when absent, from -1000 to 1000. */
  readonly priority?: number;
}

export interface JobToEnqueue extends EnqueueOptions {
  readonly payload: unknown;
}

/**
 * Both throw request.invalid for a name that is not declared here, an unfit payload, key, queue or priority;
 * request.too_large for a payload above the limit; storage.* when the queue cannot be written.
 */
export interface Enqueues {
  /** Returns the job's id, or that of the waiting one with its key. */
  readonly enqueue: (name: string, payload: unknown, options?: EnqueueOptions) => Promise<string>;
  /** Up to `jobLimits.batch` of one name at once, all or none. */
  readonly enqueueAll: (name: string, jobs: readonly JobToEnqueue[]) => Promise<void>;
}

/** failed: its tries are used up; it stays for some days, to be seen and tried again. */
export type JobState = "waiting" | "running" | "failed";

export interface JobRecord {
  readonly id: string;
  readonly name: string;
  readonly state: JobState;
  readonly key: string | null;
  readonly queue: string | null;
  readonly priority: number;
  /** How often it was begun, and how often it may be. */
  readonly attempts: number;
  readonly mostAttempts: number;
  readonly createdAt: Millis;
  readonly runAt: Millis;
  readonly startedAt: Millis | null;
  /** Of the last failure: a code and a sentence without content or secrets. */
  readonly failure: JobFailure | null;
}

export interface ListJobs {
  readonly state?: JobState;
  readonly name?: string;
  /** 50 when absent, at most `jobLimits.batch`. */
  readonly limit?: number;
  readonly cursor?: string;
}

export interface JobPage {
  /** The oldest first. */
  readonly jobs: readonly JobRecord[];
  /** Null on the last page. */
  readonly cursor: string | null;
}

export interface JobCounts {
  readonly name: string;
  /** Those that are due are among the waiting. */
  readonly waiting: number;
  readonly due: number;
  readonly running: number;
  readonly failed: number;
  /** How long the oldest job that is due has been so; null when none is. */
  readonly oldestDueMs: number | null;
}

/** What operators see and do; also of names that this version does not know. */
export interface JobsView {
  readonly list: (options?: ListJobs) => Promise<JobPage>;
  /** One entry a name that has jobs. */
  readonly counts: () => Promise<readonly JobCounts[]>;
  /** Makes a waiting or failed job due now, with all its tries; false when there is no such job or it runs. */
  readonly retry: (id: string) => Promise<boolean>;
  /** False when there is no such job or it runs. */
  readonly remove: (id: string) => Promise<boolean>;
}

export interface JobFigures {
  /** Since this process started. */
  readonly done: number;
  /** Attempts that failed, and jobs whose tries were used up by one. */
  readonly failures: number;
  readonly exhausted: number;
  readonly running: number;
}

export interface Jobs extends Enqueues, JobsView {
  /** Begins to run jobs and to fire schedules; before that, and in processes that never do, jobs are only put in. */
  readonly start: () => void;
  /**
   * Takes no more jobs, lets running ones finish within the limit (10 s when absent), then aborts them; what is not
   * finished goes back to be run by another, without having used up a try. `start` may follow.
   */
  readonly stop: (limitMs?: number) => Promise<void>;
  readonly figures: () => JobFigures;
  /** Stops and lets go of the queue; doing so again is harmless. */
  readonly close: () => Promise<void>;
}
