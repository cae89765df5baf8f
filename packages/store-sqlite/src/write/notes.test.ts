import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { makeNote } from "@cairn/testing/audit-note";
import { alice, itemOf, memoryOf } from "@cairn/testing/engine/world";
import { makeSpaceFiles } from "@cairn/testing/sqlite/space-files";
import { describe, expect, test } from "vitest";
import { migrate, migrations } from "../migrate.ts";
import { openDatabase } from "../open-database.ts";

const formatBefore = migrations.findIndex(({ name }) => name === "notes");

describe("notes in a space's file", () => {
  test("TEN-8 a write whose note cannot be kept is undone", async () => {
    await using files = makeSpaceFiles();
    const engine = files.open();
    const writer = engine.write(files.space, { ...alice, note: makeNote() });
    await writer.remember([await itemOf("Goes through")], false);
    await engine.close();
    files.tamper("CREATE TRIGGER full BEFORE INSERT ON notes BEGIN SELECT RAISE(ABORT, 'no room'); END");
    const again = files.open();
    const noted = { ...alice, note: makeNote() };
    await expect(again.write(files.space, noted).remember([await itemOf("Undone")], false)).rejects.toMatchObject({
      code: "internal",
    });
    const reader = again.read(files.space);
    expect(await reader.stats()).toMatchObject({ memories: 1, changes: 1 });
    expect(await reader.notes(10)).toHaveLength(1);
    // Without a note nothing is written to the table.
    await again.write(files.space, alice).remember([await itemOf("Without a note")], false);
    expect(await reader.stats()).toMatchObject({ memories: 2, changes: 2 });
    expect(await again.check(files.space)).toEqual([]);
  });

  test("TEN-8 a space of the format before has what it had, and keeps notes from now on", async () => {
    await using files = makeSpaceFiles();
    const engine = files.open();
    const [outcome] = await engine.write(files.space, alice).remember([await itemOf("From before")], false);
    await engine.close();
    files.tamper(`DROP TABLE notes; PRAGMA user_version = ${formatBefore}`);
    const reopened = files.open();
    const reader = reopened.read(files.space);
    expect(await reader.notes(10)).toEqual([]);
    expect(await reader.get(memoryOf(outcome).id)).toEqual(memoryOf(outcome));
    const note = makeNote();
    await reopened.write(files.space, { ...alice, note }).remember([await itemOf("From now on")], false);
    expect(await reader.notes(10)).toMatchObject([{ note: { id: note.id } }]);
    expect(readdirSync(join(files.folder, "spaces")).filter((name) => name.includes(".before-"))).toHaveLength(1);
    expect(await reopened.check(files.space)).toEqual([]);
  });

  test("TEN-8 notes of another process keep a space from being removed too, and no other state of its file does", async () => {
    await using files = makeSpaceFiles();
    const [one, other] = [files.open(), files.open()];
    const note = makeNote();
    await one.write(files.space, { ...alice, note }).remember([await itemOf("Written there")], false);
    await expect(other.drop(files.space)).rejects.toMatchObject({ code: "storage.busy" });
    expect(existsSync(files.file)).toBe(true);
    await one.write(files.space, alice).dropNotes([note.id]);
    await Promise.all([one.close(), other.close()]);
    const engine = files.open();
    files.tamper(`DROP TABLE notes; PRAGMA user_version = ${formatBefore}`);
    await engine.drop(files.space);
    expect(existsSync(files.file)).toBe(false);
    const empty = openDatabase(files.file);
    migrate(empty, files.file, migrations.slice(0, 1));
    empty.close();
    await engine.drop(files.space);
    expect(existsSync(files.file)).toBe(false);
    // There is nothing to remove, and nothing is made.
    rmSync(join(files.folder, "spaces"), { recursive: true });
    await engine.drop(files.space);
    expect(existsSync(files.file)).toBe(false);
  });

  test("TEN-8 reading notes loads no index", async () => {
    await using files = makeSpaceFiles();
    const engine = files.open();
    await engine.write(files.space, { ...alice, note: makeNote() }).remember([await itemOf("The kite is red")], false);
    await engine.close();
    const reader = files.open().read(files.space);
    expect(await reader.notes(10)).toHaveLength(1);
    // What the index is made of cannot be read any more, and is not looked at.
    files.tamper("ALTER TABLE docs RENAME TO gone");
    expect(await reader.notes(10)).toHaveLength(1);
    await expect(reader.list({ limit: 1 })).rejects.toMatchObject({ code: "storage.corrupt" });
  });
});
