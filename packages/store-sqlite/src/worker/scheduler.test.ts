import { setImmediate } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import type { Steps } from "@cairn/memory/write/context";
import { counted, makeReaders } from "@cairn/store/threads/readers";
import { makeScheduler } from "./scheduler.ts";

/** Steps that take a millisecond each and note when they ran. */
function* working(name: string, steps: number, done: string[]): Steps<string> {
  for (let step = 0; step < steps; step++) {
    for (const until = performance.now() + 1; performance.now() < until;);
    done.push(name);
    yield { waitMs: 0 };
  }
  return name;
}
function* failing(): Steps<string> {
  yield { waitMs: 0 };
  throw new Error("broken");
}

describe("the scheduler of a storage thread", () => {
  test("EMB-4 a question is answered between two slices of a long write", async () => {
    const scheduler = makeScheduler(makeReaders());
    const done: string[] = [];
    const write = scheduler.run(working("write", 40, done), true);
    await setImmediate();
    await setImmediate();
    const before = done.length;
    await scheduler.run(working("question", 1, done));
    expect(done.indexOf("question")).toBeLessThanOrEqual(before + 1);
    expect(before).toBeLessThan(40);
    expect(await write).toBe("write");
  });

  test("EMB-4 writes take turns, a slice each", async () => {
    const scheduler = makeScheduler(makeReaders());
    const done: string[] = [];
    await Promise.all(["a", "b", "c"].map((name) => scheduler.run(working(name, 12, done), true)));
    // Had one run to its end before another began, the last of them would begin after 24 steps.
    expect(Math.max(...["a", "b", "c"].map((name) => done.indexOf(name)))).toBeLessThan(24);
    expect(done).toHaveLength(36);
  });

  test("EMB-4 a long write makes room while a question waits on any thread, and gets on all the same", async () => {
    const readers = makeReaders();
    const scheduler = makeScheduler(readers);
    const done: string[] = [];
    const { promise, resolve } = Promise.withResolvers<void>();
    const question = counted(readers, () => promise);
    // The question waits until the write has ended: a write that never stepped while one waits would wait for ever.
    expect(await scheduler.run(working("write", 12, done), true)).toBe("write");
    expect(done).toHaveLength(12);
    resolve();
    await question;
    expect(Atomics.load(readers, 0)).toBe(0);
  });

  test("EMB-4 a question that fails is counted no longer", async () => {
    const readers = makeReaders();
    await expect(counted(readers, () => Promise.reject(new Error("no")))).rejects.toThrow("no");
    expect(Atomics.load(readers, 0)).toBe(0);
  });

  test("ENG-1 what steps throw rejects them alone", async () => {
    const scheduler = makeScheduler(makeReaders());
    const done: string[] = [];
    const other = scheduler.run(working("other", 3, done), true);
    await expect(scheduler.run(failing(), true)).rejects.toThrow();
    expect(await other).toBe("other");
  });
});
