import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openSqliteJobs } from "@cairn/jobs/sqlite-jobs";
import { expect, test, vi } from "vitest";
import { answerJobs } from "./answer-jobs.ts";

test("API-3 answers whose time is over are deleted by a job, now and then", async () => {
  const folder = await mkdtemp(join(tmpdir(), "cairn-prune-"));
  const prune = vi.fn<() => Promise<number>>(async () => 3);
  const types = answerJobs({ prune });
  expect(types[0]?.schedule).toMatchObject({ everyMs: 600_000 });
  const jobs = openSqliteJobs({ file: join(folder, "jobs.db"), types, pollMs: 20 });
  await jobs.enqueue("prune-answers", {});
  jobs.start();
  await vi.waitFor(() => expect(jobs.figures().done).toBe(1), { timeout: 10_000, interval: 5 });
  expect(prune).toHaveBeenCalledTimes(1);
  await jobs.close();
  await rm(folder, { recursive: true, force: true });
});
