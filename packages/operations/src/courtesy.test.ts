import { setImmediate } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import type { Services } from "./context.ts";
import { asking, makeSlices } from "./courtesy.ts";

// Only its identity matters.
const someEngine = (): Services["engine"] => ({}) as Services["engine"];

const work = async (engine: Services["engine"], name: string, pieces: number, done: string[]): Promise<void> => {
  const { giveWay } = makeSlices(engine);
  for (let piece = 0; piece < pieces; piece++) {
    await giveWay();
    for (const until = performance.now() + 1; performance.now() < until;);
    done.push(name);
  }
};

describe("imports and questions on one thread", () => {
  test("EMB-4 other work of the thread runs between the slices of an import", async () => {
    const done: string[] = [];
    const importing = work(someEngine(), "piece", 30, done);
    for (let turn = 0; turn < 5; turn++) await setImmediate();
    done.push("other");
    await importing;
    expect(done.indexOf("other")).toBeLessThan(30);
    expect(done).toHaveLength(31);
  });

  test("EMB-4 imports take turns", async () => {
    const engine = someEngine();
    const done: string[] = [];
    await Promise.all(["a", "b", "c"].map((name) => work(engine, name, 12, done)));
    expect(Math.max(...["a", "b", "c"].map((name) => done.indexOf(name)))).toBeLessThan(24);
  });

  test("EMB-4 an import gets on while a question is under way, and the question's outcome is its caller's", async () => {
    const engine = someEngine();
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const question = asking(engine, () => promise);
    const done: string[] = [];
    await work(engine, "piece", 3, done);
    expect(done).toHaveLength(3);
    resolve("answer");
    reject(new Error("never"));
    expect(await question).toBe("answer");
    await expect(asking(engine, () => Promise.reject(new Error("no")))).rejects.toThrow("no");
  });
});
