/**
 * What the runner of jobs asks of an engine. A worker is one running process: it signs in when it takes jobs, is heard
 * of now and then, and loses what it holds when it was silent for longer than the lease.
 */
import type { Millis } from "@cairn/kernel/clock";
import type { JobFailure } from "./job-failure.ts";
import type { JobsView, ListJobs, JobPage } from "./jobs.ts";

export interface NewJob {
  readonly name: string;
  /** JSON. */
  readonly payload: string;
  readonly key: string | null;
  readonly queue: string | null;
  readonly priority: number;
  /** Null: now. */
  readonly runAt: Millis | null;
  readonly mostAttempts: number;
}

export interface TakenJob {
  readonly id: string;
  readonly name: string;
  readonly payload: unknown;
  /** 1 the first time. */
  readonly attempt: number;
}

export interface Take {
  readonly worker: string;
  readonly names: readonly string[];
  readonly most: number;
  /** The worker holds nothing, so it may sign in anew; otherwise one that was taken for dead gets nothing. */
  readonly fresh: boolean;
}

export interface Tick {
  readonly everyMs: number;
  readonly firstMs: number;
  readonly delayMs: number;
  /** Put in when the schedule fires. */
  readonly job: NewJob;
}

export interface JobStore extends Omit<JobsView, "list"> {
  /** The ids; of two with one key and name the later counts. */
  readonly add: (jobs: readonly NewJob[]) => Promise<readonly string[]>;
  /** Due jobs, the most urgent first, marked as begun; none of a queue that is busy and one of each at most. */
  readonly take: (take: Take) => Promise<readonly TakenJob[]>;
  /** Milliseconds until the next waiting job falls due, not counting those that have been due for a while. */
  readonly dueIn: (names: readonly string[]) => Promise<number | null>;
  /** These three do nothing when the worker does not hold the job any more. */
  readonly complete: (worker: string, job: TakenJob) => Promise<void>;
  /** `retryInMs` null: its tries are used up. */
  readonly fail: (worker: string, job: TakenJob, failure: JobFailure, retryInMs: number | null) => Promise<void>;
  /** As if it had not been begun. */
  readonly giveBack: (worker: string, job: TakenJob) => Promise<void>;
  /** Gives back what the worker holds beside these: jobs that were taken by a call whose answer never came. */
  readonly keepOnly: (worker: string, ids: readonly string[]) => Promise<void>;
  /** Says that the worker lives; false when it was taken for dead. */
  readonly beat: (worker: string) => Promise<boolean>;
  readonly leave: (worker: string) => Promise<void>;
  /** Frees what workers hold that were silent for `leaseMs`; how many of them there were. */
  readonly recover: (leaseMs: number) => Promise<number>;
  /** Fires a schedule once across all servers when it is due; milliseconds until it is due again. */
  readonly tick: (tick: Tick) => Promise<number>;
  /** Forgets jobs that failed before `keepMs` ago, and other remains. */
  readonly prune: (keepMs: number) => Promise<void>;
  readonly list: (options: Required<Pick<ListJobs, "limit">> & ListJobs) => Promise<JobPage>;
  /** Calls back when another may have put in a job. Null where one has to look. */
  readonly listen: ((changed: () => void) => Promise<{ readonly stop: () => Promise<void> }>) | null;
  readonly close: () => Promise<void>;
}
