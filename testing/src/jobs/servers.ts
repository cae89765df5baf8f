/** Servers that die, fall silent, stop, and share schedules. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { defineJob } from "@cairn/jobs/job-type";
import { expect, test } from "vitest";
import { countsOf, day, gate, minute, recorder, until, type SetUp } from "./world.ts";

export const describeServers = (setUp: SetUp): void => {
  test("OPS-5 a job of a worker that was killed is run by another once its lease is over", async () => {
    await using setup = await setUp();
    const held = recorder(undefined, { name: "held" });
    const jobs = setup.open([held.type]);
    await jobs.enqueue("held", { n: 7 }, { queue: "q" });
    await jobs.enqueue("held", { n: 8 }, { queue: "q" });
    const script = join(import.meta.dirname, "held-worker.ts");
    const child = spawn(process.execPath, [script, ...setup.place], { stdio: ["ignore", "pipe", "inherit"] });
    const gone = once(child, "exit");
    await once(child.stdout, "data");
    child.kill("SIGKILL");
    await gone;
    jobs.start();
    await jobs.enqueue("held", { n: 9 });
    await until(() => expect(held.ran).toEqual([9]));
    await until(async () => expect(await countsOf(jobs, "held")).toMatchObject({ running: 1, waiting: 1 }));
    await setup.passTime(minute);
    await jobs.stop();
    jobs.start();
    await until(() => expect(held.ran).toEqual([9, 7, 8]));
  });

  test("OPS-5 a worker that was silent for too long aborts what it runs and leaves it to others", async () => {
    await using setup = await setUp();
    const seen: number[] = [];
    const { type } = recorder(({ n }, { attempt, signal }) => {
      if (attempt > 1) return void seen.push(n);
      return new Promise((_resolve, reject) => {
        signal.addEventListener("abort", () => reject(signal.reason as Error));
      });
    });
    const [slow, other] = [setup.open([type], { leaseMs: 2_000 }), setup.open([type])];
    slow.start();
    await slow.enqueue("note", { n: 1 });
    await until(async () => expect(await countsOf(slow)).toMatchObject({ running: 1 }));
    // The clock of the queue jumps, as if this process had been stopped meanwhile; between that and the other's look
    // it may say that it lives.
    await until(async () => {
      await setup.passTime(minute);
      await other.stop();
      other.start();
      expect(seen).toContain(1);
    });
    await until(() => expect(slow.figures().running + other.figures().running).toBe(0));
    await until(async () => expect(await other.counts()).toEqual([]));
  });

  test("OPS-5 stopping lets jobs end; what does not end goes back and is another's, no try used up", async () => {
    await using setup = await setUp();
    const attempts: [number, number][] = [];
    const finishing = gate();
    const { type } = recorder(async ({ n }, { attempt, signal }) => {
      attempts.push([n, attempt]);
      if (n === 1) return finishing.promise;
      if (attempts.length > 3) return;
      return new Promise((_resolve, reject) => {
        if (n === 2) signal.addEventListener("abort", () => reject(signal.reason as Error));
      });
    });
    const [one, two] = [setup.open([type], { abandonMs: 30 }), setup.open([type])];
    one.start();
    for (const n of [1, 2, 3]) await one.enqueue("note", { n }, { key: `${n}` });
    await until(() => expect(attempts.length).toBe(3));
    const stopped = one.stop(50);
    finishing.open();
    await stopped;
    expect(one.figures()).toMatchObject({ done: 1, failures: 0 });
    expect(await countsOf(two)).toMatchObject({ waiting: 2, running: 0 });
    two.start();
    await until(() =>
      expect(attempts.slice(3).toSorted(([one], [next]) => one - next)).toEqual([
        [2, 1],
        [3, 1],
      ]),
    );
    await until(async () => expect(await two.counts()).toEqual([]));
  });

  test("OPS-5 a worker that was stopped takes nothing until it starts again", async () => {
    await using setup = await setUp();
    const { ran, type } = recorder();
    const jobs = setup.open([type]);
    jobs.start();
    await jobs.stop();
    await jobs.enqueue("note", { n: 1 });
    expect(await countsOf(jobs)).toMatchObject({ waiting: 1, due: 1 });
    jobs.start();
    await until(() => expect(ran).toEqual([1]));
  });

  test("OPS-5 a schedule fires once a period across servers, and once for all that was missed", async () => {
    await using setup = await setUp();
    let fired = 0;
    const type = defineJob({
      name: "hourly",
      parse: () => null,
      run: async () => void (fired += 1),
      schedule: { everyMs: 60 * minute, firstMs: minute },
    });
    const workers = [1, 2, 3].map(() => setup.open([type]));
    const idle = recorder(undefined, { name: "idle" });
    const settle = async (expected: number): Promise<void> => {
      await until(() => expect(fired).toBeGreaterThanOrEqual(expected));
      await until(async () => expect(await workers[0]?.counts()).toEqual([]));
      expect(fired).toBe(expected);
    };
    const restart = async (): Promise<void> => {
      for (const worker of workers) await worker.stop();
      for (const worker of workers) worker.start();
    };
    await restart();
    const probe = setup.open([idle.type]);
    probe.start();
    await probe.enqueue("idle", { n: 1 });
    await until(() => expect(idle.ran.length).toBe(1));
    await setup.passTime(30_000);
    await restart();
    await settle(0);
    await setup.passTime(minute);
    await restart();
    await settle(1);
    await setup.passTime(60 * minute);
    await restart();
    await settle(2);
    await setup.passTime(30 * day);
    await restart();
    await settle(3);
    await restart();
    await settle(3);
  });
};
