/** A page of the queue, with how many jobs there are, for people and as JSON. */
import { type Millis, toRfc3339 } from "@cairn/kernel/clock";
import { countLines, jobLines } from "@cairn/jobs/job-lines";
import type { JobCounts, JobPage, JobRecord, JobsView, JobState, ListJobs } from "@cairn/jobs/jobs";
import { CairnError } from "@cairn/kernel/error";
import type { Host } from "../host.ts";
import { escapeLine } from "../output/escape-text.ts";
import { printJson } from "../output/json-document.ts";

export const jobStates: readonly JobState[] = ["waiting", "running", "failed"];

export interface JobFilter {
  readonly state: string | undefined;
  readonly name: string | undefined;
  readonly limit: number | undefined;
  readonly cursor: string | undefined;
}

/** Throws request.invalid for a state that is none. */
export const listOptions = ({ state, name, limit, cursor }: JobFilter): ListJobs => {
  const known = jobStates.find((one) => one === state);
  if (state !== undefined && known === undefined) {
    throw new CairnError("request.invalid", "There is no such state of a job.", {
      hint: `One of ${jobStates.join(", ")}.`,
    });
  }
  return {
    ...(known === undefined ? {} : { state: known }),
    ...(name === undefined ? {} : { name }),
    ...(limit === undefined ? {} : { limit }),
    ...(cursor === undefined ? {} : { cursor }),
  };
};

const when = (at: Millis | null): string | null => (at === null ? null : toRfc3339(at));

const documentOf = ({ createdAt, runAt, startedAt, ...job }: JobRecord) => ({
  ...job,
  createdAt: when(createdAt),
  runAt: when(runAt),
  startedAt: when(startedAt),
});

const textOf = (counts: readonly JobCounts[], { jobs, cursor }: JobPage, now: Millis): string => {
  if (counts.length === 0) return "No job waits, runs or has failed.\n";
  const more = cursor === null ? [] : ["", `There are more: cairn jobs list --cursor ${cursor}`];
  const listed = jobs.length === 0 ? ["None of these."] : jobLines(jobs, now);
  return `${[...countLines(counts), "", ...listed, ...more].map(escapeLine).join("\n")}\n`;
};

export const showJobs = async (host: Host, view: JobsView, options: ListJobs, json: boolean): Promise<void> => {
  const [counts, page] = await Promise.all([view.counts(), view.list(options)]);
  if (json) await printJson(host, { counts, jobs: page.jobs.map(documentOf), cursor: page.cursor });
  else await host.out.write(textOf(counts, page, Date.now()));
};
