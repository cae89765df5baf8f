import { alice, itemOf, memoryOf } from "@cairn/testing/engine/world";
import { postgresOrSkip } from "@cairn/testing/postgres/postgres-or-skip";
import { type Postgres, startPostgres } from "@cairn/testing/postgres/start-postgres";
import { afterAll, beforeAll, expect, test } from "vitest";
import { makeTwoCells, type Server, type TwoCells } from "@cairn/testing/postgres/two-cells";
import { type MoveProgress, moveSpace } from "./move-space.ts";

const describe = await postgresOrSkip("own");

describe("ENG-8 a space that moves between two PostgreSQL servers, one of which goes down", () => {
  let other: Postgres;
  let two: TwoCells;
  let server: Server;
  beforeAll(async () => {
    other = await startPostgres({ durable: true });
    two = await makeTwoCells(other.url);
    server = two.serve();
  });
  afterAll(async () => {
    await two[Symbol.asyncDispose]();
    await other[Symbol.asyncDispose]();
  });

  const store = async (space: string, contents: readonly string[]): Promise<readonly string[]> => {
    const items = await Promise.all(contents.map((content) => itemOf(content)));
    return (await server.engine.write(space, alice).remember(items, false)).map((one) => memoryOf(one).id);
  };
  const idsOf = async (space: string): Promise<readonly string[]> =>
    (await server.engine.read(space).list({ limit: 1_000, order: "oldest" })).items.map(({ id }) => id);
  const cellOf = async (space: string) => {
    await server.directory.caughtUp();
    return (await server.directory.resolve(space))?.cell;
  };
  /** A move during which the second server is killed at the first progress that `when` picks. */
  const moveAndKill = async (
    space: string,
    to: string | null,
    when: (progress: MoveProgress) => boolean,
  ): Promise<unknown> => {
    let killed: Promise<void> | undefined;
    const told = (progress: MoveProgress): void => {
      if (killed === undefined && when(progress)) killed = other.kill9();
    };
    const error: unknown = await moveSpace(two.mover({ told, pauseMs: 1_000 }), space, to).then(
      () => null,
      (thrown: unknown) => thrown,
    );
    expect(killed).toBeDefined();
    await killed;
    return error;
  };
  const away = { code: "storage.unavailable" };

  test("goes on where it was, whichever of them it was, and the space is served meanwhile where it can be", async () => {
    const { id: space } = await server.directory.create({ name: "x", description: null });
    const ids = [
      ...(await store(
        space,
        Array.from({ length: 30 }, (_, n) => `memory number ${n}`),
      )),
    ];

    // The one that it goes to.
    expect(await moveAndKill(space, "second", ({ table }) => table === "docs")).toMatchObject(away);
    expect(await cellOf(space)).toBeNull();
    ids.push(...(await store(space, ["written while the new cell was down"])));
    await expect(moveSpace(two.mover(), space, "second")).rejects.toMatchObject(away);
    await other.start();
    await moveSpace(two.mover(), space, "second");
    expect(await cellOf(space)).toBe("second");
    ids.push(...(await store(space, ["written in the new cell"])));
    expect(await idsOf(space)).toEqual(ids);

    // The one that it comes from, in the pause.
    expect(await moveAndKill(space, null, ({ doing }) => doing === "pause")).toMatchObject(away);
    // Until the server has heard that the pause is over, it would say storage.busy.
    await server.directory.caughtUp();
    await expect(store(space, ["not now"])).rejects.toMatchObject(away);
    await other.start();
    expect(await cellOf(space)).toBe("second");
    ids.push(...(await store(space, ["written after the pause"])));
    // After the switch: the new cell serves, and the old one's rows wait to be removed.
    expect(await moveAndKill(space, null, ({ doing }) => doing === "clear")).toMatchObject(away);
    expect(await cellOf(space)).toBeNull();
    ids.push(...(await store(space, ["written while the old cell was down"])));
    await other.start();
    await moveSpace(two.mover(), space, null);
    expect(await idsOf(space)).toEqual(ids);
    expect(await server.engine.check(space)).toEqual([]);
    expect(await two.second.run(`SELECT 1 FROM cairn.memories WHERE space = '${space}'`)).toEqual([]);
  }, 60_000);
});
