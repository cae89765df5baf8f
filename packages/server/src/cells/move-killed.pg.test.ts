import { spawn } from "node:child_process";
import { once } from "node:events";
import { alice, itemOf, memoryOf } from "@cairn/testing/engine/world";
import { postgresOrSkip } from "@cairn/testing/postgres/postgres-or-skip";
import { afterAll, beforeAll, expect, test } from "vitest";
import { makeTwoCells, type Server, type TwoCells } from "@cairn/testing/postgres/two-cells";
import { moveSpace } from "./move-space.ts";

const describe = await postgresOrSkip();
const program = new URL("./fixtures/mover-process.ts", import.meta.url).pathname;

/** Where the mover dies, and whether writers then wait for the next one. */
const points: readonly (readonly [point: string, holdsWriters: boolean])[] = [
  ["after:start", false],
  ["copy:names", false],
  ["copy:memory_tags", false],
  ["verify:memories", false],
  ["after:pause", false],
  // The pause ends by itself.
  ["pause", false],
  ["switch", true],
  ["after:switch", true],
  ["clear", false],
  ["after:finish", false],
];

describe("ENG-8 a mover that is killed, and another process that goes on", () => {
  let two: TwoCells;
  let server: Server;
  beforeAll(async () => {
    two = await makeTwoCells();
    server = two.serve();
  });
  afterAll(() => two[Symbol.asyncDispose]());

  const killAt = async (space: string, point: string): Promise<void> => {
    const args = [program, two.first.url, two.second.url, space, point];
    const child = spawn(process.execPath, args, { stdio: ["ignore", "ignore", "pipe"] });
    let said = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => (said += text));
    const [, signal] = (await once(child, "close")) as [number | null, string | null];
    expect([signal, said]).toEqual(["SIGKILL", ""]);
  };

  test.concurrent.for(points)("%s", { timeout: 60_000 }, async ([point, holdsWriters]) => {
    const { engine, directory } = server;
    const { id: space } = await directory.create({ name: point, description: null });
    const writer = engine.write(space, alice);
    const store = async (contents: readonly string[]): Promise<readonly string[]> => {
      const items = await Promise.all(contents.map((content) => itemOf({ content, tags: ["moved"] })));
      return (await writer.remember(items, false)).map((one) => memoryOf(one).id);
    };
    const ids = [...(await store(Array.from({ length: 20 }, (_, n) => `Nora has lived in town ${n}`)))];

    await killAt(space, point);
    const written = store(["Written after the crash"]);
    if (!holdsWriters) ids.push(...(await written));
    await moveSpace(two.mover(), space, "second");
    if (holdsWriters) ids.push(...(await written));
    ids.push(...(await store(["Written after the move"])));

    await directory.caughtUp();
    expect(await directory.resolve(space)).toMatchObject({ cell: "second", move: null });
    const reader = engine.read(space);
    expect((await reader.list({ limit: 100, order: "oldest" })).items.map((memory) => memory.id)).toEqual(ids);
    expect((await reader.changes(0, 100)).map(({ seq }) => seq)).toEqual(ids.map((_, at) => at + 1));
    expect(await engine.check(space)).toEqual([]);
    const left = (await two.first.run<{ n: number }>(
      `SELECT (SELECT count(*) FROM cairn.memories WHERE space = '${space}')
        + (SELECT count(*) FROM cairn.changes WHERE space = '${space}') AS n`,
    )) as readonly { n: unknown }[];
    expect(Number(left[0]?.n)).toBe(0);
  });
});
