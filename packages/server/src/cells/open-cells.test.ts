import { makeFakeSpaceDirectory } from "@cairn/testing/fake-space-directory";
import { CairnError } from "@cairn/kernel/error";
import type { Engine, RememberItem, RememberOutcome } from "@cairn/memory/space/engine";
import { alice, itemOf } from "@cairn/testing/engine/world";
import { describe, expect, test } from "vitest";
import { openCells } from "./open-cells.ts";

const movedAway = (): CairnError => new CairnError("space.moved", "It is being moved.");

interface Fake {
  readonly url: string;
  readonly engine: Engine;
  readonly calls: string[];
  /** How the next calls of `remember` end; answers them all where there are none left. */
  readonly script: ((items: readonly RememberItem[]) => readonly RememberOutcome[])[];
  /** What it says instead of an answer. */
  refuse: CairnError | null;
}

const skipped = (items: readonly RememberItem[]): readonly RememberOutcome[] =>
  items.map(({ fields }) => ({ status: "skipped", id: fields.content }));

const fakeEngine = (url: string): Fake => {
  const fake: Fake = { url, calls: [], script: [], refuse: null, engine: {} as Engine };
  const answer = <T>(name: string, value: T): Promise<T> => {
    fake.calls.push(name);
    return fake.refuse === null ? Promise.resolve(value) : Promise.reject(fake.refuse);
  };
  const engine = {
    read: () => ({ vectorState: () => answer("vectorState", url) }),
    write: () => ({
      remember: (items: readonly RememberItem[]) => answer("remember", (fake.script.shift() ?? skipped)(items)),
    }),
    create: () => answer("create", undefined),
    drop: () => answer("drop", undefined),
    check: () => answer("check", []),
    repair: () => answer("repair", []),
    close: () => answer("close", undefined),
  } as unknown as Engine;
  return Object.assign(fake, { engine });
};

const setUp = async ({ patienceMs = 2_000 } = {}) => {
  const directory = makeFakeSpaceDirectory();
  const fakes = new Map<string, Fake>();
  const fakeAt = (url: string): Fake => {
    const known = fakes.get(url) ?? fakeEngine(url);
    fakes.set(url, known);
    return known;
  };
  const opened: string[] = [];
  const engine = openCells({
    cells: { second: "pg://second" },
    default: "pg://first",
    directory,
    patienceMs,
    open: (url) => {
      opened.push(url);
      return fakeAt(url).engine;
    },
  });
  const space = await directory.create({ name: "x", description: null });
  const move = async (to: string): Promise<void> => {
    let record = (await directory.resolve(space.id))!;
    for (const step of [{ kind: "start", to }, { kind: "pause" }, { kind: "switch" }, { kind: "finish" }] as const)
      record = (await directory.advanceMove(record, step))!;
  };
  return {
    engine,
    directory,
    space: space.id,
    first: fakeAt("pg://first"),
    second: fakeAt("pg://second"),
    opened,
    move,
  };
};

const contents = (outcomes: readonly RememberOutcome[]) =>
  outcomes.map((one) => (one.status === "skipped" ? one.id : one.status));

describe("ENG-8 an engine over several cells", () => {
  test("asks the cell that the directory names, and opens a cell when it is first needed", async () => {
    const { engine, space, opened, move } = await setUp();
    expect(opened).toEqual([]);
    expect(await engine.read(space).vectorState()).toBe("pg://first");
    expect(opened).toEqual(["pg://first"]);
    await move("second");
    expect(await engine.read(space).vectorState()).toBe("pg://second");
    expect(await engine.read(space).vectorState()).toBe("pg://second");
    expect(opened).toEqual(["pg://first", "pg://second"]);
    expect(engine.opened()).toHaveLength(2);
  });

  test("makes a call again where the space is by then, when a cell says that it has gone", async () => {
    const { engine, space, first, second, move } = await setUp();
    first.refuse = movedAway();
    const answers = Promise.all([
      engine.read(space).vectorState(),
      engine.write(space, alice).remember([await itemOf("a")], true),
      engine.drop(space),
    ]);
    await move("second");
    const [state, outcomes] = await answers;
    expect(state).toBe("pg://second");
    expect(contents(outcomes)).toEqual(["a"]);
    expect(second.calls.toSorted()).toEqual(["drop", "remember", "vectorState"]);
  });

  test("says busy, and when to come again, where a move takes too long", async () => {
    const { engine, space, first } = await setUp({ patienceMs: 50 });
    first.refuse = movedAway();
    const error: unknown = await engine
      .read(space)
      .vectorState()
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "storage.busy", data: { retryAfterMs: 1_000 } });
    expect(first.calls.length).toBeGreaterThan(1);
  });

  test("passes every other error on at once", async () => {
    const { engine, space, first } = await setUp();
    first.refuse = new CairnError("storage.full", "No room.");
    await expect(engine.create(space)).rejects.toMatchObject({ code: "storage.full" });
    expect(first.calls).toEqual(["create"]);
  });

  test("brings only what a pause turned away again, in its order", async () => {
    const { engine, space, first } = await setUp();
    const turnedAway = { status: "failed" as const, error: { code: "space.moved" as const, message: "", data: {} } };
    first.script.push((items) => skipped(items).map((one, at) => (at < 2 ? one : turnedAway)));
    const items = await Promise.all(["a", "b", "c", "d"].map((content) => itemOf(content)));
    const outcomes = await engine.write(space, alice).remember(items, false);
    expect(contents(outcomes)).toEqual(["a", "b", "c", "d"]);
    expect(first.calls).toEqual(["remember", "remember"]);
  });

  test("tells what was stored of a long call whose rest no cell takes in time", async () => {
    const { engine, space, first } = await setUp({ patienceMs: 30 });
    const turnedAway = { status: "failed" as const, error: { code: "space.moved" as const, message: "", data: {} } };
    first.script.push((items) => skipped(items).map((one, at) => (at < 1 ? one : turnedAway)));
    // More often than a call asks in its time.
    for (let n = 0; n < 40; n++) {
      first.script.push(() => {
        throw movedAway();
      });
    }
    const items = await Promise.all(["a", "b"].map((content) => itemOf(content)));
    const outcomes = await engine.write(space, alice).remember(items, false);
    expect(outcomes[0]).toEqual({ status: "skipped", id: "a" });
    expect(outcomes[1]).toMatchObject({ status: "failed", error: { code: "storage.busy" } });
  });

  test("refuses a space that the directory does not know, and a cell that the settings do not name", async () => {
    const { engine, directory } = await setUp();
    const unknown = "00000000-0000-7000-8000-00000000dead";
    await expect(engine.read(unknown).stats()).rejects.toMatchObject({ code: "space.not_found" });
    const far = await directory.create({ name: "far", description: null, cell: "third" });
    await expect(engine.check(far.id)).rejects.toMatchObject({ code: "config.invalid" });
    await expect(engine.check(far.id)).rejects.toThrow("the cell third");
    const tricky = await directory.create({ name: "tricky", description: null, cell: "constructor" });
    await expect(engine.check(tricky.id)).rejects.toMatchObject({ code: "config.invalid" });
  });

  test("closes what was opened, and opens nothing any more", async () => {
    const { engine, space, first, second } = await setUp();
    await engine.read(space).vectorState();
    await engine.close();
    expect([first.calls.at(-1), second.calls]).toEqual(["close", []]);
    await expect(engine.read(space).vectorState()).rejects.toMatchObject({ code: "server.shutting_down" });
  });
});
