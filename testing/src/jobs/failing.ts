/** Jobs that fail, or take too long. */
import { CairnError } from "@cairn/kernel/error";
import { expect, test } from "vitest";
import { countsOf, day, listed, minute, recorder, until, type SetUp, type Work } from "./world.ts";

export const describeFailing = (setUp: SetUp): void => {
  test("OPS-5 what fails is tried again after a pause, told with a code, and left after its last try", async () => {
    await using setup = await setUp();
    const told: unknown[] = [];
    const attempts: number[] = [];
    const fails: Work = (_payload, { attempt }) => {
      attempts.push(attempt);
      if (attempt === 2) throw new CairnError("storage.busy", "The database is busy.");
      throw new Error("a secret of somebody");
    };
    const { type } = recorder(fails, { retries: 2, backoff: (failures) => failures * minute });
    const jobs = setup.open([type], { jobFailed: ({ attempt, exhausted }) => told.push([attempt, exhausted]) });
    jobs.start();
    const id = await jobs.enqueue("note", { n: 1 }, { queue: "q" });
    await until(() => expect(told).toEqual([[1, false]]));
    await until(async () => {
      const [job] = await listed(jobs);
      expect(job).toMatchObject({ state: "waiting", attempts: 1, mostAttempts: 3, failure: { code: "internal" } });
      expect((job?.runAt ?? 0) - Date.now()).toBeGreaterThan(minute / 2);
    });
    await setup.passTime(minute);
    await until(() => expect(told.length).toBe(2));
    await until(async () => {
      const failure = { code: "storage.busy", message: "The database is busy." };
      expect(await listed(jobs)).toMatchObject([{ state: "waiting", failure }]);
    });
    await setup.passTime(2 * minute);
    await until(() =>
      expect(told).toEqual([
        [1, false],
        [2, false],
        [3, true],
      ]),
    );
    await until(async () => expect(await listed(jobs)).toMatchObject([{ id, state: "failed", attempts: 3 }]));
    expect(JSON.stringify(await listed(jobs))).not.toContain("secret");
    expect(attempts).toEqual([1, 2, 3]);
    expect(await countsOf(jobs)).toMatchObject({ waiting: 0, due: 0, failed: 1, oldestDueMs: null });
    expect(jobs.figures()).toMatchObject({ failures: 3, exhausted: 1 });
  });

  test("OPS-5 an operator has what failed tried again, with all its tries, or removes it", async () => {
    await using setup = await setUp();
    let broken = true;
    const { ran, type } = recorder(
      () => {
        if (broken) throw new Error("broken");
      },
      { retries: 0 },
    );
    const jobs = setup.open([type]);
    jobs.start();
    const ids = [await jobs.enqueue("note", { n: 1 }, { key: "k" }), await jobs.enqueue("note", { n: 2 })];
    await until(async () => expect(await countsOf(jobs)).toMatchObject({ failed: 2 }));
    broken = false;
    expect(await jobs.retry(ids[0] ?? "")).toBe(true);
    expect(await jobs.remove(ids[1] ?? "")).toBe(true);
    await until(() => expect(ran.filter((n) => n === 1).length).toBe(2));
    await until(async () => expect(await jobs.counts()).toEqual([]));
    for (const id of [...ids, "0", "x", "99999999999999999999"]) {
      expect([await jobs.retry(id), await jobs.remove(id)]).toEqual([false, false]);
    }
  });

  test("OPS-5 of one key one failed job stays at most, and none beside a later one", async () => {
    await using setup = await setUp();
    const { type } = recorder(() => Promise.reject(new Error("broken")), { retries: 0 });
    const jobs = setup.open([type]);
    jobs.start();
    for (let n = 1; n <= 3; n++) {
      await jobs.enqueue("note", { n }, { key: "k" });
      await until(() => expect(jobs.figures().exhausted).toBe(n));
      await until(async () => expect(await countsOf(jobs)).toMatchObject({ failed: 1, running: 0 }));
    }
    await jobs.stop();
    await jobs.enqueue("note", { n: 4 }, { key: "k" });
    expect(await countsOf(jobs)).toMatchObject({ failed: 0, waiting: 1 });
  });

  test("OPS-5 what failed stays visible for a while and is then forgotten", async () => {
    await using setup = await setUp();
    const { type } = recorder(() => Promise.reject(new Error("broken")), { retries: 0 });
    const jobs = setup.open([type]);
    jobs.start();
    await jobs.enqueue("note", { n: 1 });
    await until(async () => expect(await countsOf(jobs)).toMatchObject({ failed: 1 }));
    await jobs.stop();
    await setup.passTime(10 * day);
    jobs.start();
    const later = setup.open([type], { keepFailedMs: 20 * day });
    later.start();
    await later.stop();
    expect(await countsOf(jobs)).toMatchObject({ failed: 1 });
    await jobs.stop();
    await setup.passTime(10 * day);
    jobs.start();
    await until(async () => expect(await jobs.counts()).toEqual([]));
  });

  test("OPS-5 a job that takes too long is aborted and has failed, also when it does not listen", async () => {
    await using setup = await setUp();
    const { type } = recorder(() => new Promise(() => undefined), { retries: 0, timeoutMs: 20 });
    const jobs = setup.open([type], { abandonMs: 10 });
    jobs.start();
    await jobs.enqueue("note", { n: 1 });
    await until(async () =>
      expect(await listed(jobs)).toMatchObject([{ state: "failed", failure: { code: "job.timed_out" } }]),
    );
  });
};
