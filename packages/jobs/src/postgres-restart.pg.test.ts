import { postgresOrSkip } from "@cairn/testing/postgres/postgres-or-skip";
import { startPostgres } from "@cairn/testing/postgres/start-postgres";
import { expect, test } from "vitest";
import { defineJob } from "./job-type.ts";
import { openPostgresJobs } from "./postgres-jobs.ts";
import { migratePostgresJobs } from "./postgres-migrate.ts";

const describe = await postgresOrSkip("own");

describe("a restart of PostgreSQL", () => {
  test("OPS-5 a job that ends meanwhile has ended, and jobs are taken and heard of again, told once", async () => {
    await using server = await startPostgres();
    await migratePostgresJobs(server.url);
    const { promise: hold, resolve: open } = Promise.withResolvers<void>();
    const begun: number[] = [];
    const type = defineJob({
      name: "n",
      parse: (n) => n as number,
      run: async (n) => {
        begun.push(n);
        if (n === 1) await hold;
      },
    });
    const told: unknown[] = [];
    const failed = (error: unknown): void => void told.push(error);
    const types = [type];
    const worker = openPostgresJobs({ url: server.url, types, pollMs: 100, failed });
    const other = openPostgresJobs({ url: server.url, types });
    try {
      worker.start();
      await worker.enqueue("n", 1);
      await expect.poll(() => begun).toEqual([1]);
      await server.stop();
      open();
      await expect.poll(() => told.length).toBe(1);
      expect(told).toMatchObject([{ code: "storage.unavailable" }]);
      await expect(other.enqueue("n", 2)).rejects.toMatchObject({ code: "storage.unavailable" });
      await server.start();
      await expect.poll(() => other.enqueue("n", 2).catch(() => null), { timeout: 10_000 }).not.toBeNull();
      await expect.poll(() => begun, { timeout: 15_000 }).toEqual([1, 2]);
      await expect.poll(() => worker.counts(), { timeout: 15_000 }).toEqual([]);
      expect(worker.figures()).toMatchObject({ done: 2, failures: 0 });
    } finally {
      await Promise.all([worker.close(), other.close()]);
    }
  });
});
