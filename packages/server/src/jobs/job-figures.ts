/** The queue of jobs as figures: of all names together, of each name that has jobs, and of this process. */
import type { JobCounts, JobFigures } from "@cairn/jobs/jobs";

const sumOf = (counts: readonly JobCounts[], name: "waiting" | "due" | "running" | "failed"): number =>
  counts.reduce((sum, entry) => sum + entry[name], 0);

const secondsOf = (milliseconds: number | null): number => (milliseconds ?? 0) / 1_000;

export const jobFigures = (counts: readonly JobCounts[], { done, failures, exhausted, running }: JobFigures) => ({
  waiting: sumOf(counts, "waiting"),
  due: sumOf(counts, "due"),
  running: sumOf(counts, "running"),
  failed: sumOf(counts, "failed"),
  oldestDueSeconds: Math.max(0, ...counts.map(({ oldestDueMs }) => secondsOf(oldestDueMs))),
  byName: Object.fromEntries(
    counts.map(({ name, oldestDueMs, ...states }) => [
      name.replaceAll("-", "_"),
      {
        waiting: states.waiting,
        due: states.due,
        running: states.running,
        failed: states.failed,
        oldestDueSeconds: secondsOf(oldestDueMs),
      },
    ]),
  ),
  process: { done, failures, exhausted, running },
});
