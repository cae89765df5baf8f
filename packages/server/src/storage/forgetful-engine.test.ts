import type { SweepOutcome } from "@cairn/memory/space/engine";
import { setUpOperations } from "@cairn/testing/setup-operations";
import { expect, test } from "vitest";
import { forgetfulEngine } from "./forgetful-engine.ts";

const space = "00000000-0000-7000-8000-000000000001";
const actor = { principal: "local", instance: "here" };

const setUp = (purged = 0) => {
  const { services } = setUpOperations();
  const done: string[] = [];
  const inner = {
    ...services.engine,
    drop: async () => void done.push("drop"),
    write: ((id, by) => ({
      ...services.engine.write(id, by),
      forget: async (_id, { purge }) => void done.push(purge ? "purge" : "delete"),
      sweep: async (): Promise<SweepOutcome> => ({ expired: 0, purged, sessions: 0 }),
    })) satisfies typeof services.engine.write,
  };
  const answers = { fails: false };
  const forgetSpace = async (id: string): Promise<void> => {
    if (answers.fails) throw new Error("away");
    expect(id).toBe(space);
    done.push("answers");
  };
  return { engine: forgetfulEngine(inner, { forgetSpace }), done, answers };
};

const bounds = { now: 0, sessionsBefore: 0, purgeBefore: 0 };

test("MEM-3 a purge and the end of a space erase answers before and after; what can be brought back does not", async () => {
  const { engine, done } = setUp();
  await engine.write(space, actor).forget("id", { purge: false });
  expect(done.splice(0)).toEqual(["delete"]);
  await engine.write(space, actor).forget("id", { purge: true });
  expect(done.splice(0)).toEqual(["answers", "purge", "answers"]);
  await engine.drop(space);
  expect(done.splice(0)).toEqual(["answers", "drop", "answers"]);
});

test("MEM-3 a sweep that erased something erases answers", async () => {
  for (const purged of [0, 2]) {
    const { engine, done } = setUp(purged);
    await engine.write(space, actor).sweep(bounds);
    expect(done).toEqual(purged === 0 ? [] : ["answers"]);
  }
});

test("MEM-3 where answers cannot be erased, nothing is", async () => {
  const { engine, done, answers } = setUp();
  answers.fails = true;
  await expect(engine.write(space, actor).forget("id", { purge: true })).rejects.toThrow("away");
  await expect(engine.drop(space)).rejects.toThrow("away");
  expect(done).toEqual([]);
});
