/** One try of one job: runs it within its time, and says how it ended. */
import type { Enqueues } from "./jobs.ts";
import { askedPause, failureOf, type JobFailure, timedOut } from "./job-failure.ts";
import type { TakenJob } from "./job-store.ts";
import { jobLimits, type JobType } from "./job-type.ts";

export interface Attempt {
  /** Never rejects. */
  readonly outcome: Promise<Outcome>;
  readonly abort: (reason: Error) => void;
}

export interface Outcome {
  readonly error: unknown;
  /** Null when the job was done. */
  readonly failure: JobFailure | null;
}

/** `abandonMs`: how long a job that was aborted may take to end before it is left to itself. */
export const beginAttempt = (type: JobType, job: TakenJob, jobs: Enqueues, abandonMs: number): Attempt => {
  const controller = new AbortController();
  const { signal } = controller;
  const abandoned = Promise.withResolvers<never>();
  abandoned.promise.catch(() => undefined);
  let late: NodeJS.Timeout | undefined;
  let isLate = false;
  const abort = (reason: Error): void => {
    if (signal.aborted) return;
    controller.abort(reason);
    late = setTimeout(() => abandoned.reject(reason), abandonMs);
    late.unref();
  };
  const limit = setTimeout(() => {
    isLate = true;
    abort(new Error(timedOut.message));
  }, type.timeoutMs);
  limit.unref();
  const work = async (): Promise<Outcome> => {
    try {
      await Promise.race([type.run(job.payload, { signal, attempt: job.attempt, jobs }), abandoned.promise]);
      return { error: null, failure: null };
    } catch (error) {
      return { error, failure: isLate ? timedOut : failureOf(error) };
    } finally {
      clearTimeout(limit);
      clearTimeout(late);
    }
  };
  return { outcome: work(), abort };
};

/** Milliseconds until the next try; null when there is none. */
export const pauseAfter = (type: JobType, { attempt }: TakenJob, error: unknown): number | null => {
  if (attempt > type.retries) return null;
  const { longestPauseMs } = jobLimits;
  const pause = Math.max(type.backoff(attempt), askedPause(error));
  return Number.isFinite(pause) ? Math.round(Math.min(longestPauseMs, Math.max(0, pause))) : longestPauseMs;
};
