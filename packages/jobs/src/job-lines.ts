/** Jobs and counts as lines for people, in columns. */
import { type Millis, toRfc3339 } from "@cairn/kernel/clock";
import type { JobCounts, JobRecord } from "./jobs.ts";

const table = (rows: readonly (readonly string[])[]): readonly string[] => {
  const widths = (rows[0] ?? []).map((_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join("  ")
      .trimEnd(),
  );
};

const span = (milliseconds: number): string => {
  const seconds = Math.round(milliseconds / 1_000);
  if (seconds < 120) return `${seconds} s`;
  return seconds < 7_200 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3_600)} h`;
};

const whenOf = ({ state, runAt, startedAt }: JobRecord, now: Millis): string => {
  if (state === "running") return `for ${span(now - (startedAt ?? now))}`;
  if (state === "failed") return toRfc3339(runAt);
  return runAt <= now ? `due for ${span(now - runAt)}` : `in ${span(runAt - now)}`;
};

/** One line a job under a line of headings; keys and payloads are left out. */
export const jobLines = (jobs: readonly JobRecord[], now: Millis): readonly string[] =>
  table([
    ["id", "job", "state", "when", "tries", "queue", "last failure"],
    ...jobs.map((job) => [
      job.id,
      job.name,
      job.state,
      whenOf(job, now),
      `${job.attempts}/${job.mostAttempts}`,
      job.queue ?? "-",
      job.failure === null ? "-" : `${job.failure.code}: ${job.failure.message}`,
    ]),
  ]);

export const countLines = (counts: readonly JobCounts[]): readonly string[] =>
  table([
    ["job", "waiting", "due", "running", "failed", "oldest due"],
    ...counts.map(({ name, waiting, due, running, failed, oldestDueMs }) => [
      name,
      ...[waiting, due, running, failed].map(String),
      oldestDueMs === null ? "-" : span(oldestDueMs),
    ]),
  ]);
