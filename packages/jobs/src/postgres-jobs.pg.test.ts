import { describeJobs } from "@cairn/testing/jobs-conformance";
import type { JobsSetup } from "@cairn/testing/jobs/world";
import { makeDatabase, postgresOrSkip, type TestDatabase } from "@cairn/testing/postgres/postgres-or-skip";
import { Logger, makeWorkerUtils } from "graphile-worker";
import { afterAll, expect, test } from "vitest";
import { defineJob, type JobType } from "./job-type.ts";
import type { Jobs } from "./jobs.ts";
import type { NewJob } from "./job-store.ts";
import { openPostgresJobs, openPostgresStore } from "./postgres-jobs.ts";
import { migratePostgresJobs } from "./postgres-migrate.ts";
import type { WorkerOptions } from "./worker.ts";

const describe = await postgresOrSkip();

let shared: TestDatabase | undefined;
afterAll(() => shared?.drop());

/** One database for all, emptied for each test: making the tables takes longer than most tests. */
const setUp = async (): Promise<JobsSetup & { readonly database: TestDatabase }> => {
  if (shared === undefined) {
    shared = await makeDatabase();
    await migratePostgresJobs(shared.url);
  }
  const database = shared;
  await database.run(`truncate cairn_jobs._private_jobs, cairn_jobs._private_job_queues, cairn_jobs._private_tasks,
    cairn_jobs.cairn_workers, cairn_jobs.cairn_schedules`);
  const opened: Jobs[] = [];
  return {
    database,
    place: ["postgres", database.url],
    open: (types: readonly JobType[], options: WorkerOptions = {}) => {
      const jobs = openPostgresJobs({ url: database.url, types, pollMs: 40, connections: 3, ...options });
      opened.push(jobs);
      return jobs;
    },
    passTime: async (milliseconds) => {
      const by = `interval '${milliseconds} milliseconds'`;
      await database.run(`
        update cairn_jobs._private_jobs
          set run_at = run_at - ${by}, updated_at = updated_at - ${by}, locked_at = locked_at - ${by};
        update cairn_jobs.cairn_workers set seen_at = seen_at - ${by};
        update cairn_jobs.cairn_schedules set next_at = next_at - ${by}`);
    },
    [Symbol.asyncDispose]: async () => void (await Promise.all(opened.map((jobs) => jobs.close()))),
  };
};

describe("on PostgreSQL", () => {
  describeJobs("PostgreSQL", setUp);

  const nothing = defineJob({ name: "nothing", parse: () => null, run: async () => undefined });

  test("OPS-5 several servers make the tables at once, and again, and keep what lies in the queue", async () => {
    await using database = await makeDatabase();
    await Promise.all([1, 2, 3].map(() => migratePostgresJobs(database.url)));
    const jobs = openPostgresJobs({ url: database.url, types: [nothing] });
    try {
      await jobs.enqueue("nothing", {});
      await migratePostgresJobs(database.url);
      expect(await jobs.counts()).toMatchObject([{ name: "nothing", waiting: 1 }]);
    } finally {
      await jobs.close();
    }
  });

  test("OPS-5 the tables are graphile-worker's: its own tools find nothing to migrate, and put in jobs", async () => {
    await using setup = await setUp();
    const newest = () => setup.database.run("select max(id) as id, count(*) as made from cairn_jobs.migrations");
    const before = await newest();
    const ran: unknown[] = [];
    const type = defineJob({ name: "n", parse: (n) => n, run: async (n) => void ran.push(n) });
    const jobs = setup.open([type]);
    const tools = await makeWorkerUtils({
      connectionString: setup.database.url,
      schema: "cairn_jobs",
      logger: new Logger(() => () => undefined),
    });
    try {
      await tools.migrate();
      await tools.addJob("n", { p: 5 });
    } finally {
      await tools.release();
    }
    expect(await newest()).toEqual(before);
    expect(before[0]?.["id"]).toBeGreaterThanOrEqual(20);
    jobs.start();
    await expect.poll(() => ran).toEqual([5]);
  });

  test("OPS-5 a statement that is sent again because its answer never came does no harm to a later try", async () => {
    await using setup = await setUp();
    const store = openPostgresStore({ url: setup.database.url });
    const failure = { code: "internal", message: "It failed." } as const;
    const plain = { key: null, queue: "q", priority: 0, runAt: null };
    const job: NewJob = { name: "n", payload: "{}", mostAttempts: 2, ...plain };
    const take = async () => (await store.take({ worker: "w", names: ["n"], most: 5, fresh: true }))[0];
    try {
      await store.add([job]);
      const first = await take();
      if (first === undefined) throw new Error("nothing was taken");
      await store.fail("w", first, failure, 0);
      const second = await take();
      expect(second).toMatchObject({ id: first.id, attempt: 2 });
      await store.fail("w", first, failure, 0);
      await store.giveBack("w", first);
      const running = { jobs: [{ state: "running", attempts: 2 }] };
      expect(await store.list({ limit: 5 })).toMatchObject(running);
      await store.keepOnly("w", [first.id]);
      expect(await store.list({ limit: 5 })).toMatchObject(running);
      await store.keepOnly("w", []);
      expect(await store.list({ limit: 5 })).toMatchObject({ jobs: [{ state: "waiting", attempts: 1 }] });
      expect(await take()).toMatchObject({ attempt: 2 });
    } finally {
      await store.close();
    }
  });

  test("OPS-5 tables of a newer version are refused", async () => {
    await using database = await makeDatabase();
    await migratePostgresJobs(database.url);
    await database.run("insert into cairn_jobs.migrations (id, breaking) values (900, false)");
    await migratePostgresJobs(database.url);
    await database.run("insert into cairn_jobs.migrations (id, breaking) values (901, true)");
    await expect(migratePostgresJobs(database.url)).rejects.toMatchObject({ code: "storage.newer" });
  });

  test("OPS-5 everything belongs to the role of jobs, and other roles see nothing of it", async () => {
    await using setup = await setUp();
    const owners = await setup.database.run(
      "select distinct tableowner from pg_tables where schemaname = 'cairn_jobs'",
    );
    expect(owners).toEqual([{ tableowner: "cairn_jobs_app" }]);
    const login = await setup.database.makeLogin();
    const jobs = openPostgresJobs({ url: login.url, types: [nothing] });
    await expect(jobs.enqueue("nothing", {})).rejects.toMatchObject({ code: "config.invalid" });
    await jobs.close();
  });

  test("OPS-5 an account without the rights is told what an administrator must do", async () => {
    await using database = await makeDatabase();
    const login = await database.makeLogin();
    const refusal = await migratePostgresJobs(login.url).catch((error: unknown) => error);
    expect(refusal).toMatchObject({ code: "config.invalid" });
    const { hint = "" } = (refusal as { readonly data: { readonly hint?: string } }).data;
    expect(hint).toContain("create schema cairn_jobs");
    for (const sql of hint.replace(/^[^:]*: /u, "").split("; ")) await database.run(sql);
    await migratePostgresJobs(login.url);
    const jobs = openPostgresJobs({ url: login.url, types: [nothing] });
    await jobs.enqueue("nothing", {});
    await jobs.close();
  });

  test("OPS-5 queues without jobs are forgotten", async () => {
    await using setup = await setUp();
    const jobs = setup.open([nothing]);
    for (let at = 0; at < 5; at++)
      await jobs.enqueue("nothing", {}, { queue: `q${at}`, runAt: Date.now() + 3_600_000 });
    for (const { id } of (await jobs.list()).jobs.slice(1)) await jobs.remove(id);
    jobs.start();
    const left = () => setup.database.run("select queue_name from cairn_jobs._private_job_queues");
    await expect.poll(left).toEqual([{ queue_name: "q0" }]);
  });

  test("OPS-5 a queue that is forgotten while a job is put into it does not lose the job", async () => {
    await using setup = await setUp();
    const ran: number[] = [];
    const type = defineJob({ name: "n", parse: (n) => n as number, run: async (n) => void ran.push(n) });
    const [jobs, other] = [setup.open([type]), setup.open([type])];
    for (let n = 0; n < 40; n++) {
      // Starting forgets the queue that the job before left behind.
      other.start();
      await jobs.enqueue("n", n, { queue: "q" });
      await expect.poll(() => ran.length, { interval: 2 }).toBe(n + 1);
      await other.stop();
    }
  });
});
