import { newId } from "@cairn/kernel/id";
import { expect, test } from "vitest";
import { makeNote } from "../audit-note.ts";
import { alice, itemOf } from "../engine/world.ts";
import { makeFakeEngine } from "../fake-engine.ts";
import { findUnnoted, markedActor } from "./unnoted.ts";

test("TEN-8 the crash test tells changes without a note from notes without a change", async () => {
  const [engine, space, id] = [makeFakeEngine(), newId(), newId()];
  const write = async (content: string, actor = alice) =>
    engine.write(space, actor).remember([await itemOf(content, { imported: { id, onConflict: "overwrite" } })], false);
  await write("named", { ...alice, note: makeNote({ subjects: [id] }) });
  await write("marked", markedActor());
  expect(await findUnnoted(engine, space)).toEqual([]);
  await engine.write(space, alice).remember([await itemOf("not noted")], false);
  await engine.write(space, { ...alice, note: makeNote() }).setVectors("none", []);
  expect(await findUnnoted(engine, space)).toEqual([
    expect.stringMatching(/change 3 has no note$/u),
    expect.stringMatching(/has no change$/u),
  ]);
});
