import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openSqliteJobs } from "@cairn/jobs/sqlite-jobs";
import type { SweepOutcome } from "@cairn/memory/space/engine";
import { setUpOperations } from "@cairn/testing/setup-operations";
import { expect, test, vi } from "vitest";
import { sweepJobs } from "./sweep-jobs.ts";

const day = 86_400_000;
const hour = 3_600_000;
const nothing: SweepOutcome = { expired: 0, purged: 0, sessions: 0 };

const setUp = async (fails: (space: string) => boolean = () => false, portion?: number) => {
  const folder = await mkdtemp(join(tmpdir(), "cairn-sweep-"));
  const { services } = setUpOperations();
  const swept: { readonly space: string; readonly bounds: unknown }[] = [];
  let asked = 0;
  const engine = {
    ...services.engine,
    write: ((space, actor) => ({
      ...services.engine.write(space, actor),
      sweep: async (bounds) => {
        asked += 1;
        if (fails(space)) throw new Error("broken");
        swept.push({ space, bounds });
        return nothing;
      },
    })) satisfies typeof services.engine.write,
  };
  const used = { ...services, engine };
  let passed = 0;
  const open = () =>
    openSqliteJobs({
      file: join(folder, "jobs.db"),
      types: sweepJobs(used, portion === undefined ? {} : { portion }),
      clock: () => Date.now() + passed,
      pollMs: 20,
      random: () => 0.5,
    });
  const servers = [open(), open()] as const;
  return {
    services,
    servers,
    swept,
    spaces: () => swept.map(({ space }) => space).toSorted(),
    asked: () => asked,
    /** As if the servers had been idle for so long. */
    passTime: async (milliseconds: number) => {
      for (const server of servers) await server.stop();
      passed += milliseconds;
      for (const server of servers) server.start();
    },
    [Symbol.asyncDispose]: async () => {
      for (const server of servers) await server.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
};

const until = (check: () => unknown): Promise<unknown> => vi.waitFor(check, { timeout: 10_000, interval: 5 });

test("MEM-7 MEM-9 every space is swept once an hour across servers, with the retentions of the settings", async () => {
  await using setup = await setUp();
  const { id } = await setup.services.directory.create({ name: "second", description: null });
  const spaces = (await setup.services.directory.list()).map((space) => space.id).toSorted();
  for (const server of setup.servers) server.start();
  for (let hours = 1; hours <= 2; hours++) {
    await until(async () => expect(await setup.servers[0].counts()).toEqual([]));
    await setup.passTime(hour);
    await until(() => expect(setup.servers[0].figures().running).toBe(0));
    // The jitter of a firing passes.
    await setup.passTime(60_000);
    await until(() => expect(setup.swept.length).toBe(2 * hours));
  }
  expect(setup.spaces()).toEqual([...spaces, ...spaces].toSorted());
  expect(spaces).toContain(id);
  const now = setup.services.clock();
  expect(setup.swept[0]?.bounds).toEqual({ now, sessionsBefore: now - 30 * day, purgeBefore: now - 30 * day });
});

test("MEM-7 a space that cannot be swept keeps no other waiting, is tried again, and is seen", async () => {
  await using setup = await setUp((space) => space.endsWith("000000000001"));
  const { id } = await setup.services.directory.create({ name: "second", description: null });
  const [server] = setup.servers;
  await server.enqueue("sweep", {});
  server.start();
  await until(() => expect(setup.spaces()).toEqual([id]));
  for (const [at, pause] of [8_000, 12_000, 22_000].entries()) {
    await until(() => expect(setup.asked()).toBe(2 + at));
    await until(() => expect(setup.servers.map((one) => one.figures().running)).toEqual([0, 0]));
    await setup.passTime(pause);
  }
  await until(() => expect(setup.asked()).toBe(5));
  await until(async () => {
    const { jobs } = await server.list({ state: "failed" });
    expect(jobs).toMatchObject([{ name: "sweep-space", attempts: 4, failure: { code: "internal" } }]);
  });
  expect(setup.spaces()).toContain(id);
});

test("MEM-7 a space that was removed meanwhile is left alone", async () => {
  await using setup = await setUp();
  const { id } = await setup.services.directory.create({ name: "second", description: null });
  const [server] = setup.servers;
  await server.enqueue("sweep-space", { space: id });
  await setup.services.directory.remove(id);
  server.start();
  await until(() => expect(server.figures().done).toBe(1));
  expect(setup.swept).toEqual([]);
  await expect(server.enqueue("sweep-space", { space: "../x" })).rejects.toMatchObject({ code: "request.invalid" });
});

test("MEM-7 all spaces are swept however many there are, a portion put in at a time", async () => {
  await using setup = await setUp(() => false, 2);
  const { directory } = setup.services;
  for (const name of ["two", "three", "four"]) await directory.create({ name, description: null });
  // Both where the last portion is full and where it is not.
  for (const more of [[], ["five"]]) {
    for (const name of more) await directory.create({ name, description: null });
    setup.swept.length = 0;
    const [server] = setup.servers;
    await server.enqueue("sweep", {});
    server.start();
    const all = (await directory.list()).map(({ id }) => id).toSorted();
    await until(() => expect(setup.spaces()).toEqual(all));
    await until(async () => expect(await server.counts()).toEqual([]));
  }
});
