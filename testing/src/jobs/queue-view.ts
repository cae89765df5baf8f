/** What is refused, left alone and shown. */
import { jobLimits } from "@cairn/jobs/job-type";
import { expect, test } from "vitest";
import { countsOf, day, listed, minute, recorder, until, type SetUp, type Payload } from "./world.ts";

export const describeQueueView = (setUp: SetUp): void => {
  test("OPS-5 jobs of a newer version are left alone and seen", async () => {
    await using setup = await setUp();
    const newer = recorder(undefined, { name: "newer" });
    const known = recorder();
    const [old, current] = [setup.open([known.type]), setup.open([known.type, newer.type])];
    old.start();
    await current.enqueue("newer", { n: 1 }, { priority: -1 });
    await current.enqueue("note", { n: 2 });
    await until(() => expect(known.ran).toEqual([2]));
    await until(async () => expect(await countsOf(old)).toBeUndefined());
    expect(await listed(old)).toMatchObject([{ name: "newer", state: "waiting", attempts: 0 }]);
    await expect(old.enqueue("newer", { n: 1 })).rejects.toMatchObject({ code: "request.invalid" });
    current.start();
    await until(() => expect(newer.ran).toEqual([1]));
  });

  test("OPS-5 refuses what is unfit before it lies in the queue", async () => {
    await using setup = await setUp();
    const { type } = recorder(undefined, { parse: (payload) => payload as Payload });
    const strict = recorder(undefined, { name: "strict" });
    const jobs = setup.open([type, strict.type]);
    const filling = "x".repeat(jobLimits.payloadBytes);
    await expect(jobs.enqueue("note", { filling })).rejects.toMatchObject({ code: "request.too_large" });
    const invalid = { code: "request.invalid" };
    await expect(jobs.enqueue("strict", { n: "1" })).rejects.toMatchObject(invalid);
    await expect(jobs.enqueue("note", undefined)).rejects.toMatchObject(invalid);
    for (const options of [
      { key: "" },
      { key: "k".repeat(201) },
      { queue: "a\0b" },
      { priority: 0.5 },
      { priority: 2_000 },
      { runAt: Number.NaN },
    ]) {
      await expect(jobs.enqueue("note", { n: 1 }, options)).rejects.toMatchObject(invalid);
    }
    const many = Array.from({ length: 1_001 }, () => ({ payload: { n: 1 } }));
    await expect(jobs.enqueueAll("note", many)).rejects.toMatchObject({ code: "request.too_large" });
    await expect(jobs.list({ limit: 0 })).rejects.toMatchObject(invalid);
    await expect(jobs.list({ cursor: "1; drop table jobs" })).rejects.toMatchObject(invalid);
    expect(await jobs.counts()).toEqual([]);
  });

  test("OPS-5 shows the queue: a page at a time, by state and name, and how late it is", async () => {
    await using setup = await setUp();
    const { type } = recorder();
    const other = recorder(undefined, { name: "other" });
    const jobs = setup.open([type, other.type]);
    const [long, queue] = ["é".repeat(200), "é".repeat(120)];
    await jobs.enqueue("note", { n: 1 }, { key: long, queue, priority: 3 });
    await jobs.enqueueAll("note", [{ payload: { n: 2 } }, { payload: { n: 3 }, runAt: Date.now() + day }]);
    await jobs.enqueue("other", { n: 4 });
    await setup.passTime(minute);
    const counts = await jobs.counts();
    expect(counts).toMatchObject([
      { name: "note", waiting: 3, due: 2, running: 0, failed: 0 },
      { name: "other", waiting: 1, due: 1 },
    ]);
    expect(counts[0]?.oldestDueMs).toBeGreaterThanOrEqual(minute);
    const first = await jobs.list({ name: "note", limit: 2 });
    expect(first.jobs).toMatchObject([{ key: long, queue, priority: 3, state: "waiting" }, { key: null }]);
    expect(first.jobs[0]).toMatchObject({ startedAt: null, failure: null, attempts: 0, mostAttempts: 6 });
    const second = await jobs.list({ name: "note", limit: 2, cursor: first.cursor ?? "" });
    expect([second.jobs.length, second.cursor]).toEqual([1, null]);
    expect((await jobs.list({ state: "failed" })).jobs).toEqual([]);
    expect((await jobs.list({ state: "waiting" })).jobs.length).toBe(4);
  });

  test("OPS-5 a job may put in others", async () => {
    await using setup = await setUp();
    const second = recorder(undefined, { name: "second" });
    const { type } = recorder(async ({ n }, { jobs }) => void (await jobs.enqueue("second", { n: n + 1 })));
    const jobs = setup.open([type, second.type]);
    jobs.start();
    await jobs.enqueue("note", { n: 1 });
    await until(() => expect(second.ran).toEqual([2]));
  });

  test("OPS-5 closing twice is harmless, and what is closed says so", async () => {
    await using setup = await setUp();
    const { type } = recorder();
    const jobs = setup.open([type]);
    jobs.start();
    await jobs.close();
    await jobs.close();
    await expect(jobs.enqueue("note", { n: 1 })).rejects.toMatchObject({ code: "storage.unavailable" });
  });
};
