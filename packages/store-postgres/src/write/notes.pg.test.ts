import { newId } from "@cairn/kernel/id";
import { makeNote } from "@cairn/testing/audit-note";
import { alice, itemOf } from "@cairn/testing/engine/world";
import { makeDatabase, postgresOrSkip } from "@cairn/testing/postgres/postgres-or-skip";
import { makeServers } from "@cairn/testing/postgres/servers";
import { expect, test } from "vitest";
import { readCatalog } from "../cells/catalog.ts";
import { openCell } from "../cells/cell.ts";
import { leave, pauseWrites, takeUp } from "../cells/hold.ts";
import { openPostgresEngine } from "../engine.ts";
import { migrateMemory } from "../migrate.ts";
import { allMigrations } from "../migrations/all-migrations.ts";

const describe = await postgresOrSkip();

describe("notes in the database", () => {
  test("TEN-8 a write whose note cannot be kept is undone", async () => {
    await using servers = await makeServers();
    const engine = servers.open();
    const space = newId();
    const write = async (content: string, noted = true) =>
      engine.write(space, noted ? { ...alice, note: makeNote() } : alice).remember([await itemOf(content)], false);
    await write("Goes through");
    await servers.database.run("REVOKE INSERT ON cairn.notes FROM cairn_app");
    await expect(write("Undone")).rejects.toMatchObject({ code: expect.any(String) as string });
    const reader = engine.read(space);
    expect(await reader.stats()).toMatchObject({ memories: 1, changes: 1 });
    // Without a note nothing is asked of the table.
    await write("Without a note", false);
    expect(await reader.stats()).toMatchObject({ memories: 2, changes: 2 });
    await servers.database.run("GRANT INSERT ON cairn.notes TO cairn_app");
    await write("Goes through again");
    expect(await reader.notes(10)).toHaveLength(2);
    expect(await engine.check(space)).toEqual([]);
  });

  test("TEN-8 notes of one server are collected by another, and none is lost or doubled", async () => {
    await using servers = await makeServers();
    const [one, other] = [servers.open(), servers.open()];
    const space = newId();
    const notes = Array.from({ length: 40 }, () => makeNote());
    const collected: string[] = [];
    const collect = async (): Promise<number> => {
      const found = (await other.read(space).notes(7)).map(({ note }) => note.id);
      const dropped = await other.write(space, alice).dropNotes(found);
      expect(dropped).toBe(found.length);
      collected.push(...found);
      return dropped;
    };
    const writing = Promise.all(
      notes.map(async (note, at) =>
        one.write(space, { ...alice, note }).remember([await itemOf(`Written ${at}`)], false),
      ),
    );
    const over = new AbortController();
    const collecting = (async () => {
      while (!over.signal.aborted) await collect();
    })();
    await writing.finally(() => over.abort());
    await collecting;
    while ((await collect()) > 0);
    expect(collected.toSorted()).toEqual(notes.map(({ id }) => id).toSorted());
  });

  test("TEN-8 a database of the version before keeps notes from now on", async () => {
    await using database = await makeDatabase();
    const { url } = database;
    const before = allMigrations.findIndex(({ name }) => name === "notes");
    await migrateMemory({ url, steps: allMigrations.slice(0, before) });
    const space = newId();
    await using stack = new AsyncDisposableStack();
    const open = () => {
      const engine = openPostgresEngine({ url, model: { id: "m", dimensions: 64, provider: "testing" }, threads: 0 });
      stack.defer(engine.close);
      return engine;
    };
    // A server of the version before, which knows no notes, writes on meanwhile.
    const older = open();
    await older.write(space, alice).remember([await itemOf("From before")], false);
    expect(await migrateMemory({ url })).toEqual(allMigrations.slice(before).map(({ name }) => name));
    await older.write(space, alice).remember([await itemOf("Still from before")], false);
    const note = makeNote();
    const engine = open();
    await engine.write(space, { ...alice, note }).remember([await itemOf("From now on")], false);
    expect(await engine.read(space).notes(10)).toMatchObject([{ note: { id: note.id } }]);
    expect(await engine.read(space).stats()).toMatchObject({ memories: 3 });
  });

  test("TEN-8 ENG-8 notes move with their space, and are taken away only where it is", async () => {
    await using servers = await makeServers();
    const engine = servers.open({ isCell: true });
    const space = newId();
    const note = makeNote();
    await engine.write(space, { ...alice, note }).remember([await itemOf("On the move")], false);
    const cell = openCell({ name: null, url: servers.database.url });
    try {
      expect((await readCatalog(cell.pool)).tables.map(({ name }) => name)).toContain("notes");
      const hold = { cell, space, mover: newId() };
      await takeUp(hold, "source", 1);
      expect(await engine.write(space, alice).dropNotes([newId()])).toBe(0);
      await pauseWrites(hold, 2, 60_000);
      const moved = { code: "space.moved" };
      // The mover compares what has arrived: nothing may go meanwhile.
      await expect(engine.write(space, alice).dropNotes([note.id])).rejects.toMatchObject(moved);
      await expect(engine.drop(space)).rejects.toMatchObject(moved);
      expect(await engine.read(space).notes(10)).toHaveLength(1);
      await leave(hold);
      await expect(engine.read(space).notes(10)).rejects.toMatchObject(moved);
      await expect(engine.write(space, alice).dropNotes([note.id])).rejects.toMatchObject(moved);
    } finally {
      await cell.close();
    }
  });
});
