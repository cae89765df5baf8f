/** What the tests of the queue of jobs share: the adapter's side, and jobs that note what happened to them. */
import { CairnError } from "@cairn/kernel/error";
import { defineJob, type JobRun, type JobSpec, type JobType } from "@cairn/jobs/job-type";
import type { JobRecord, Jobs } from "@cairn/jobs/jobs";
import type { WorkerOptions } from "@cairn/jobs/worker";
import { vi } from "vitest";

export interface JobsSetup extends AsyncDisposable {
  /** Closed with the setup. */
  readonly open: (types: readonly JobType[], options?: WorkerOptions) => Jobs;
  /** Lets time pass for what lies in the queue. */
  readonly passTime: (milliseconds: number) => Promise<void>;
  /** Arguments of `jobs/held-worker.ts`. */
  readonly place: readonly string[];
}

export const minute = 60_000;
export const day = 24 * 60 * minute;
export const until = (check: () => unknown): Promise<unknown> => vi.waitFor(check, { timeout: 20_000, interval: 5 });

export interface Payload {
  readonly n: number;
}

const parse = (payload: unknown): Payload => {
  const { n } = payload as Payload;
  if (typeof n !== "number") throw new CairnError("request.invalid", "The payload has no number.");
  return { n };
};

export type Work = (payload: Payload, run: JobRun) => Promise<void> | void;

/** A job that notes what it was given. */
export const recorder = (work: Work = () => undefined, spec: Partial<JobSpec<Payload>> = {}) => {
  const ran: number[] = [];
  const run = async (payload: Payload, context: JobRun): Promise<void> => {
    ran.push(payload.n);
    await work(payload, context);
  };
  return { ran, type: defineJob<Payload>({ name: "note", parse, run, ...spec }) };
};

export const gate = () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { promise, open: resolve };
};

export const listed = async (jobs: Jobs): Promise<readonly JobRecord[]> => (await jobs.list()).jobs;
export const countsOf = async (jobs: Jobs, name = "note") => (await jobs.counts()).find((entry) => entry.name === name);

export type SetUp = () => Promise<JobsSetup>;
