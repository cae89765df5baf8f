import { openSqliteJobs } from "@cairn/jobs/sqlite-jobs";
import { defineJob } from "@cairn/jobs/job-type";
import { CairnError } from "@cairn/kernel/error";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { setUpCli } from "../test-host.fixture.ts";

/** A data folder whose queue holds a job that failed for good and one that waits. */
const setUp = async () => {
  const cli = await setUpCli();
  await cli.run(["remember", "The harbour opens at seven"]);
  const types = [
    defineJob({
      name: "breaks",
      parse: () => null,
      retries: 0,
      run: () => Promise.reject(new CairnError("storage.full", "The disk is full.")),
    }),
    defineJob({ name: "later", parse: () => null, run: async () => undefined }),
  ];
  const queue = openSqliteJobs({ file: join(cli.data, "jobs.db"), types, pollMs: 20 });
  const failed = await queue.enqueue("breaks", {});
  const waiting = await queue.enqueue("later", {}, { runAt: Date.now() + 3_600_000 });
  queue.start();
  await vi.waitFor(() => expect(queue.figures().exhausted).toBe(1), { timeout: 10_000, interval: 5 });
  await queue.close();
  return { ...cli, failed, waiting };
};

describe("API-7: cairn jobs", () => {
  test("before a server ran there are none", async () => {
    await using cli = await setUpCli();
    expect(await cli.run(["jobs"])).toMatchObject({ code: 0, out: "No job waits, runs or has failed.\n", err: "" });
    expect(await cli.run(["jobs", "--json"])).toMatchObject({ code: 0, json: { counts: [], jobs: [], cursor: null } });
  });

  test("lists what waits and what failed, with how many there are, and why", async () => {
    await using cli = await setUp();
    const { code, out, err } = await cli.run(["jobs", "list"]);
    expect([code, err]).toEqual([0, ""]);
    expect(out).toMatch(/^job +waiting +due +running +failed/u);
    expect(out).toMatch(/breaks +failed .*1\/1 .*storage\.full: /u);
    expect(out).toMatch(/later +waiting +in (?:60|59) min/u);
    const failed = await cli.run(["jobs", "list", "--state", "failed", "--json"]);
    expect(failed.json.jobs).toMatchObject([{ id: cli.failed, name: "breaks", failure: { code: "storage.full" } }]);
    expect(failed.json.jobs[0].created_at).toMatch(/^\d{4}-\d\d-\d\dT/u);
    expect((await cli.run(["jobs", "--name", "later", "--json"])).json.jobs).toHaveLength(1);
    const first = await cli.run(["jobs", "list", "--limit", "1"]);
    const cursor = /--cursor (\S+)/u.exec(first.out)?.[1] ?? "";
    expect((await cli.run(["jobs", "list", "--limit", "1", "--cursor", cursor])).out).not.toContain("There are more");
  });

  test("makes one due again or takes it out; what is not there is told, with exit status 3", async () => {
    await using cli = await setUp();
    expect(await cli.run(["jobs", "retry", cli.failed])).toMatchObject({ code: 0, out: `Due now: ${cli.failed}\n` });
    expect((await cli.run(["jobs", "--state", "waiting", "--json"])).json.jobs).toHaveLength(2);
    const removed = await cli.run(["jobs", "remove", cli.failed, "none", "--json"]);
    expect(removed).toMatchObject({
      code: 3,
      json: {
        jobs: [
          { id: cli.failed, done: true },
          { id: "none", done: false },
        ],
      },
    });
    expect(await cli.run(["jobs", "remove", cli.failed])).toMatchObject({ code: 3, out: "" });
    expect((await cli.run(["jobs", "--json"])).json.jobs).toMatchObject([{ id: cli.waiting }]);
  });

  test("what it does not understand is an error that says what is right", async () => {
    await using cli = await setUpCli();
    expect(await cli.run(["jobs", "retry"])).toMatchObject({
      code: 6,
      err: expect.stringContaining("cairn jobs list"),
    });
    expect((await cli.run(["jobs", "list", "x"])).code).toBe(6);
    expect((await cli.run(["jobs", "pause"])).code).toBe(2);
    expect((await cli.run(["jobs", "--state", "gone"])).code).toBe(2);
    expect(await cli.run(["jobs", "--limit", "100000"])).toMatchObject({ code: 6 });
  });
});
