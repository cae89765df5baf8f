import { expect, test, vi } from "vitest";
import { CairnError } from "@cairn/kernel/error";
import type { JobStore, TakenJob } from "./job-store.ts";
import { defineJob } from "./job-type.ts";
import { makeJobs } from "./make-jobs.ts";

const unreachable = (): Promise<never> => Promise.reject(new CairnError("storage.unavailable", "It is gone."));

/** A queue that holds one job, and breaks on request. */
const setUp = () => {
  let waiting: TakenJob[] = [{ id: "1", name: "note", payload: {}, attempt: 1 }];
  let broken = false;
  const asked: string[] = [];
  const answer = <T>(what: string, value: T): Promise<T> => {
    asked.push(what);
    return broken ? unreachable() : Promise.resolve(value);
  };
  const store: JobStore = {
    add: () => answer("add", ["1"]),
    take: () => {
      const taken = waiting;
      waiting = broken ? waiting : [];
      return answer("take", taken);
    },
    dueIn: () => answer("dueIn", null),
    complete: () => answer("complete", undefined),
    fail: () => answer("fail", undefined),
    giveBack: () => answer("giveBack", undefined),
    keepOnly: (_worker, ids) => answer(`keep ${ids.join()}`, undefined),
    beat: () => answer("beat", true),
    leave: () => answer("leave", undefined),
    recover: () => answer("recover", 0),
    tick: () => answer("tick", 1_000),
    prune: () => answer("prune", undefined),
    list: () => answer("list", { jobs: [], cursor: null }),
    counts: () => answer("counts", []),
    retry: () => answer("retry", false),
    remove: () => answer("remove", false),
    listen: null,
    close: () => Promise.resolve(),
  };
  return { store, asked, setBroken: (value: boolean) => void (broken = value) };
};

test("OPS-5 a worker that cannot say that it lives aborts what it runs before its lease is over", async () => {
  const { store, asked, setBroken } = setUp();
  const started = performance.now();
  const reason = Promise.withResolvers<unknown>();
  const begun = Promise.withResolvers<void>();
  const type = defineJob({
    name: "note",
    parse: () => null,
    run: (_payload, { signal }) => {
      begun.resolve();
      return new Promise((_resolve, reject) => {
        signal.addEventListener("abort", () => {
          reason.resolve(signal.reason);
          reject(signal.reason as Error);
        });
      });
    },
  });
  const told: unknown[] = [];
  const jobs = makeJobs(store, [type], { leaseMs: 500, failed: (error) => told.push(error) });
  jobs.start();
  await begun.promise;
  setBroken(true);
  expect(await reason.promise).toMatchObject({ code: "server.shutting_down" });
  expect(performance.now() - started).toBeGreaterThan(300);
  await vi.waitFor(() => expect(jobs.figures().running).toBe(0));
  expect(told.length).toBe(1);
  // It may be another's by now: nothing is written about it.
  expect(asked.filter((what) => ["complete", "fail", "giveBack"].includes(what))).toEqual([]);
  await jobs.close();
});

test("OPS-5 jobs that were taken by a call whose answer never came go back", async () => {
  const { store, asked, setBroken } = setUp();
  const hold = Promise.withResolvers<void>();
  const type = defineJob({ name: "note", parse: () => null, run: () => hold.promise });
  const jobs = makeJobs(store, [type], { pollMs: 10 });
  jobs.start();
  await vi.waitFor(() => expect(jobs.figures().running).toBe(1));
  expect(asked.some((what) => what.startsWith("keep"))).toBe(false);
  setBroken(true);
  const looked = asked.length;
  await vi.waitFor(() => expect(asked.slice(looked)).toContain("take"));
  setBroken(false);
  await vi.waitFor(() => expect(asked).toContain("keep 1"), { timeout: 10_000 });
  hold.resolve();
  await jobs.close();
});

test("OPS-5 the end of a job is written down as soon as the queue can be reached again", async () => {
  const { store, asked, setBroken } = setUp();
  const begun = Promise.withResolvers<void>();
  const hold = Promise.withResolvers<void>();
  const type = defineJob({
    name: "note",
    parse: () => null,
    run: () => {
      begun.resolve();
      return hold.promise;
    },
  });
  const jobs = makeJobs(store, [type]);
  jobs.start();
  await begun.promise;
  setBroken(true);
  hold.resolve();
  await vi.waitFor(() => expect(asked.filter((what) => what === "complete").length).toBeGreaterThan(1));
  setBroken(false);
  await vi.waitFor(() => expect(jobs.figures()).toMatchObject({ running: 0, done: 1 }), { timeout: 10_000 });
  await jobs.close();
});

test("OPS-5 a declaration that cannot work is refused", () => {
  const sound = { name: "note", parse: () => null, run: async () => undefined };
  for (const unsound of [
    { name: "Note" },
    { retries: -1 },
    { timeoutMs: 0 },
    { timeoutMs: 2 ** 31 },
    { schedule: { everyMs: 0 } },
  ]) {
    expect(() => defineJob({ ...sound, ...unsound })).toThrow(/unsound/u);
  }
  const { store } = setUp();
  expect(() => makeJobs(store, [defineJob(sound), defineJob(sound)])).toThrow(/one name/u);
});
