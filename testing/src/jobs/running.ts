/** Jobs run, once for each key at a time, and one after the other in a queue. */
import { expect, test } from "vitest";
import { countsOf, day, gate, listed, minute, recorder, until, type SetUp } from "./world.ts";

export const describeRunning = (setUp: SetUp): void => {
  test("OPS-5 runs what is put in, with its payload, once, also when it was put in by another", async () => {
    await using setup = await setUp();
    const { ran, type } = recorder();
    const [worker, other] = [setup.open([type]), setup.open([type])];
    worker.start();
    await worker.enqueue("note", { n: 1 });
    await other.enqueue("note", { n: 2 });
    await other.enqueueAll("note", [{ payload: { n: 3 } }, { payload: { n: 4 } }]);
    await until(() => expect(ran.toSorted((one, next) => one - next)).toEqual([1, 2, 3, 4]));
    await until(async () => expect(await other.counts()).toEqual([]));
    expect(worker.figures()).toEqual({ done: 4, failures: 0, exhausted: 0, running: 0 });
  });

  test("OPS-5 drains a thousand jobs by two workers, each job once", async () => {
    await using setup = await setUp();
    const { ran, type } = recorder();
    const workers = [setup.open([type], { concurrency: 8 }), setup.open([type], { concurrency: 8 })];
    const all = Array.from({ length: 1_000 }, (_, n) => n);
    await workers[0]?.enqueueAll(
      "note",
      all.map((n) => ({ payload: { n } })),
    );
    for (const worker of workers) worker.start();
    await until(() => expect(ran.length).toBeGreaterThanOrEqual(1_000));
    expect(ran.toSorted((one, other) => one - other)).toEqual(all);
    const done = (): number => workers.reduce((sum, worker) => sum + worker.figures().done, 0);
    await until(() => expect(done()).toBe(1_000));
  });

  test("OPS-5 runs the urgent first, and nothing before its time", async () => {
    await using setup = await setUp();
    const { ran, type } = recorder();
    const jobs = setup.open([type], { concurrency: 1 });
    await jobs.enqueue("note", { n: 1 });
    await jobs.enqueue("note", { n: 2 }, { priority: -5 });
    await jobs.enqueue("note", { n: 3 }, { runAt: Date.now() + minute, priority: -9 });
    jobs.start();
    await until(() => expect(ran).toEqual([2, 1]));
    await setup.passTime(2 * minute);
    await until(() => expect(ran).toEqual([2, 1, 3]));
  });

  test("OPS-5 of one name and key one job waits, however many put it in at once", async () => {
    await using setup = await setUp();
    const { ran, type } = recorder();
    const other = recorder(undefined, { name: "other" });
    const [one, two] = [setup.open([type, other.type]), setup.open([type, other.type])];
    const ids = await Promise.all(
      Array.from({ length: 20 }, (_, n) => (n % 2 ? one : two).enqueue("note", { n }, { key: "same" })),
    );
    await one.enqueue("other", { n: 50 }, { key: "same" });
    expect(new Set(ids).size).toBe(1);
    expect(await countsOf(one)).toMatchObject({ waiting: 1 });
    one.start();
    await until(() => expect([ran.length, other.ran]).toEqual([1, [50]]));
  });

  test("OPS-5 a waiting job takes the later payload, and the earlier time", async () => {
    await using setup = await setUp();
    const { ran, type } = recorder();
    const jobs = setup.open([type]);
    const soon = Date.now() + minute;
    await jobs.enqueue("note", { n: 1 }, { key: "k", runAt: soon });
    await jobs.enqueue("note", { n: 2 }, { key: "k", runAt: soon + day });
    expect((await listed(jobs)).map(({ key, runAt }) => [key, runAt])).toEqual([["k", soon]]);
    await jobs.enqueue("note", { n: 3 }, { key: "k" });
    jobs.start();
    await until(() => expect(ran).toEqual([3]));
  });

  test("OPS-5 while a job of a key runs, one more may be put in, and runs afterwards", async () => {
    await using setup = await setUp();
    const hold = gate();
    const { ran, type } = recorder(({ n }) => (n === 1 ? hold.promise : undefined));
    const [one, two] = [setup.open([type]), setup.open([type])];
    one.start();
    two.start();
    await one.enqueue("note", { n: 1 }, { key: "k" });
    await until(() => expect(ran).toEqual([1]));
    await two.enqueue("note", { n: 2 }, { key: "k" });
    await two.enqueue("note", { n: 3 }, { key: "k" });
    await two.enqueue("note", { n: 9 });
    await until(() => expect(ran).toEqual([1, 9]));
    await until(async () => expect(await countsOf(two)).toMatchObject({ waiting: 1, running: 1 }));
    hold.open();
    await until(() => expect(ran).toEqual([1, 9, 3]));
  });

  test("OPS-5 jobs of one queue never run at once, whoever runs them, and other queues go on", async () => {
    await using setup = await setUp();
    const busy = new Map<number, number>();
    let most = 0;
    let apart = 0;
    const { ran, type } = recorder(async ({ n }) => {
      busy.set(n, (busy.get(n) ?? 0) + 1);
      most = Math.max(most, ...busy.values());
      apart = Math.max(apart, [...busy.values()].filter((count) => count > 0).length);
      await new Promise((resolve) => void setTimeout(resolve, 3));
      busy.set(n, (busy.get(n) ?? 0) - 1);
    });
    const workers = [1, 2, 3].map(() => setup.open([type], { concurrency: 4 }));
    for (let at = 0; at < 60; at++) await workers[0]?.enqueue("note", { n: at % 5 }, { queue: `space ${at % 5}` });
    for (const worker of workers) worker.start();
    await until(() => expect(ran.length).toBe(60));
    expect(most).toBe(1);
    expect(apart).toBeGreaterThan(1);
  });
};
