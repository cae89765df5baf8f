import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describeJobs } from "@cairn/testing/jobs-conformance";
import type { JobsSetup } from "@cairn/testing/jobs/world";
import Database from "better-sqlite3-multiple-ciphers";
import { expect, test } from "vitest";
import { defineJob, type JobType } from "./job-type.ts";
import type { Jobs } from "./jobs.ts";
import { openSqliteJobs } from "./sqlite-jobs.ts";
import type { WorkerOptions } from "./worker.ts";

const setUp = async (): Promise<JobsSetup & { readonly file: string }> => {
  const folder = await mkdtemp(join(tmpdir(), "cairn-jobs-"));
  const file = join(folder, "data", "jobs.db");
  const opened: Jobs[] = [];
  let passed = 0;
  return {
    file,
    place: ["sqlite", file],
    open: (types: readonly JobType[], options: WorkerOptions = {}) => {
      const clock = (): number => Date.now() + passed;
      const jobs = openSqliteJobs({ file, types, clock, pollMs: 40, ...options });
      opened.push(jobs);
      return jobs;
    },
    passTime: async (milliseconds) => void (passed += milliseconds),
    [Symbol.asyncDispose]: async () => {
      await Promise.all(opened.map((jobs) => jobs.close()));
      await rm(folder, { recursive: true, force: true });
    },
  };
};

describeJobs("SQLite", setUp);

const nothing = defineJob({ name: "nothing", parse: () => null, run: async () => undefined });

test("OPS-5 nothing is opened before the first question, and a closed queue leaves no open file", async () => {
  await using setup = await setUp();
  const jobs = setup.open([nothing]);
  await Promise.resolve();
  expect(existsSync(setup.file)).toBe(false);
  await jobs.enqueue("nothing", {});
  await jobs.close();
  expect(existsSync(`${setup.file}-wal`)).toBe(false);
});

test("OPS-5 a file of a newer version is refused, one that is no database is told", async () => {
  await using setup = await setUp();
  await setup.open([nothing]).counts();
  const database = new Database(setup.file);
  database.pragma("user_version = 99");
  database.close();
  await expect(setup.open([nothing]).counts()).rejects.toMatchObject({ code: "storage.newer" });
  const other = openSqliteJobs({ file: join(import.meta.dirname, "jobs.ts"), types: [] });
  await expect(other.counts()).rejects.toMatchObject({ code: "storage.corrupt" });
  await other.close();
});

test("OPS-5 an idle worker writes nothing", async () => {
  await using setup = await setUp();
  let looked = 0;
  const types = [nothing];
  const jobs = openSqliteJobs({ file: setup.file, types, pollMs: 5, random: () => ((looked += 1), 0.5) });
  await jobs.counts();
  const watcher = new Database(setup.file, { readonly: true });
  try {
    const before = watcher.pragma("data_version");
    jobs.start();
    await expect.poll(() => looked, { interval: 5 }).toBeGreaterThan(20);
    await jobs.stop();
    // Signing off and forgetting what failed change no row.
    expect(watcher.pragma("data_version")).toEqual(before);
  } finally {
    watcher.close();
    await jobs.close();
  }
});
