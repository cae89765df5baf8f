/** The queue of jobs in numbers, for metrics: names, labels and values, whatever library shows them. */
import type { JobCounts, JobFigures } from "./jobs.ts";

export interface JobSample {
  readonly name: string;
  readonly help: string;
  readonly type: "gauge" | "counter";
  /** Without labels where `labels` is empty; `job` is a name that was declared, so there are few. */
  readonly values: readonly { readonly labels: Readonly<Record<string, string>>; readonly value: number }[];
}

/** Of the whole queue, whichever server is asked, and of this process. */
export const jobSamples = (counts: readonly JobCounts[], figures: JobFigures): readonly JobSample[] => {
  const states = ["waiting", "due", "running", "failed"] as const;
  return [
    {
      name: "cairn_jobs",
      help: "Jobs in the queue by name and state; those due are among the waiting.",
      type: "gauge",
      values: counts.flatMap((entry) =>
        states.map((state) => ({ labels: { job: entry.name, state }, value: entry[state] })),
      ),
    },
    {
      name: "cairn_jobs_oldest_due_seconds",
      help: "How long the oldest job that is due has been so.",
      type: "gauge",
      values: counts.map(({ name, oldestDueMs }) => ({ labels: { job: name }, value: (oldestDueMs ?? 0) / 1_000 })),
    },
    {
      name: "cairn_jobs_done_total",
      help: "Jobs that this process has done.",
      type: "counter",
      values: [{ labels: {}, value: figures.done }],
    },
    {
      name: "cairn_jobs_failures_total",
      help: "Attempts at jobs that failed in this process.",
      type: "counter",
      values: [{ labels: {}, value: figures.failures }],
    },
    {
      name: "cairn_jobs_exhausted_total",
      help: "Jobs whose last try failed in this process.",
      type: "counter",
      values: [{ labels: {}, value: figures.exhausted }],
    },
  ];
};
