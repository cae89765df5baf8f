import type { AuditEntry } from "@cairn/memory/audit/audit-entry";
import { homeOrganisation } from "@cairn/memory/permission/identity";
import { setUpOperations } from "@cairn/testing/setup-operations";
import { remember } from "@cairn/operations/operations/memories/remember";
import { makePipeline } from "@cairn/operations/pipeline";
import { expect, test } from "vitest";
import type { Ledger } from "./ledger.ts";
import { makeEntry } from "@cairn/testing/ledger-samples";
import { addOrganisation, setUpLedger } from "@cairn/testing/ledger-setup";

/** A pipeline whose writes keep notes, and a ledger beside it. */
const setUp = async () => {
  const setup = await setUpLedger();
  const space = await setup.directory.create({ name: "team", description: null });
  await setup.engine.create(space.id);
  const { services, caller } = setUpOperations({ engine: setup.engine, directory: setup.directory });
  const opened: { ledger: Ledger | null } = { ledger: null };
  const pipeline = makePipeline(services, {
    audits: async () => true,
    observe: (record) => opened.ledger?.record(record),
  });
  const notes = () => setup.engine.read(space.id).notes(100);
  return {
    ...setup,
    opened,
    space: space.id,
    notes,
    write: (content: string) => pipeline.call(remember, caller, { content, space: space.id }),
  };
};

const home = homeOrganisation;

test("TEN-8 a write's note goes when the chain has its record", async () => {
  await using setup = await setUp();
  const ledger = setup.open();
  setup.opened.ledger = ledger;
  await setup.write("Anna drinks green tea.");
  expect(await setup.notes()).toHaveLength(1);
  await ledger.close();
  expect(await setup.notes()).toEqual([]);
  const links = await setup.directoryLedger.links(home, 0, 10);
  expect(links.map(({ entry: { operation, spaces, subjects } }) => [operation, spaces, subjects.length])).toEqual([
    ["memories.remember", [setup.space], 1],
  ]);
});

test("TEN-8 the note of a write whose server died is in the chain once it is looked at", async () => {
  await using setup = await setUp();
  await setup.write("Anna drinks green tea.");
  const [kept] = await setup.notes();
  const early = setup.open();
  await early.collectNotes(home);
  // Its server may still be about to write it down.
  expect(await setup.notes()).toHaveLength(1);
  const late = setup.open({ clock: () => Date.now() + 31_000 });
  await late.collectNotes(home);
  expect(await setup.notes()).toEqual([]);
  const links = await setup.directoryLedger.links(home, 0, 10);
  expect(links.map(({ entry }) => entry)).toEqual([kept?.note]);
});

test("TEN-8 a note that is collected before its record comes is in the chain once", async () => {
  await using setup = await setUp();
  const ledger = setup.open();
  setup.opened.ledger = ledger;
  await setup.write("Anna drinks green tea.");
  await setup.open({ clock: () => Date.now() + 31_000 }).collectNotes(home);
  await ledger.flush();
  expect(await setup.chained(home)).toHaveLength(1);
});

test("TEN-8 what was done in a space is in the chain before the space goes", async () => {
  await using setup = await setUp();
  const ledger = setup.open();
  await setup.write("Anna drinks green tea.");
  await expect(setup.engine.drop(setup.space)).rejects.toMatchObject({ code: "storage.busy" });
  await ledger.engine.drop(setup.space);
  expect(await setup.chained(home)).toHaveLength(1);
});

test("TEN-8 many notes of several organisations are collected in portions", async () => {
  await using setup = await setUp();
  const other = await addOrganisation(setup.database);
  const noteOf = (organisation: string): AuditEntry => makeEntry(organisation, { kind: "write", at: 0 });
  await setup.write("Anna drinks green tea.");
  const [memory] = (await setup.engine.read(setup.space).list({ limit: 1 })).items;
  for (let at = 0; at < 1_100; at += 1) {
    const note = noteOf(at % 2 === 0 ? home : other);
    await setup.engine.write(setup.space, { principal: "local", instance: "x", note }).update({
      id: memory!.id,
      fields: { importance: (at % 10) / 10 },
    });
  }
  await setup.open().engine.drop(setup.space);
  expect(await setup.chained(home)).toHaveLength(551);
  expect(await setup.chained(other)).toHaveLength(550);
});
