import { CairnError } from "@cairn/kernel/error";
import type { RememberOutcome } from "@cairn/memory/space/engine";
import { makeNote } from "@cairn/testing/audit-note";
import { alice, itemOf } from "@cairn/testing/engine/world";
import { describe, expect, test } from "vitest";
import { type Gathered, makeGatherer } from "./gather.ts";

const bob = { principal: "bob", instance: "phone" };
const skipped = ({ items }: Gathered): readonly RememberOutcome[] =>
  items.map(({ fields }) => ({ status: "skipped", id: fields.content }));

/** A store that waits until it is let go, and writes down what it was given. */
const makeStore = (failing: (gathered: Gathered) => CairnError | null = () => null) => {
  const stored: { readonly principal: string; readonly contents: readonly string[]; readonly gathered: Gathered }[] =
    [];
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
  const gatherer = makeGatherer(async (_space, writer, take) => {
    await begun;
    const gathered = take();
    stored.push({
      principal: writer.principal,
      contents: gathered.items.map(({ fields }) => fields.content),
      gathered,
    });
    expect(writer).not.toHaveProperty("note");
    const error = failing(gathered);
    if (error !== null) throw error;
    return skipped(gathered);
  });
  return { stored, begin, gatherer };
};

describe("calls that come together", () => {
  test("TEN-8 are stored in one go though their notes differ, each note with its own memories", async () => {
    const { stored, begin, gatherer } = makeStore();
    const calls = [["a"], ["b", "c"], ["d"]];
    const notes = [makeNote(), undefined, makeNote()];
    const items = await Promise.all(calls.map((texts) => Promise.all(texts.map((text) => itemOf(text)))));
    const done = items.map((own, at) => {
      const note = notes[at];
      return gatherer.remember("space", { ...alice, ...(note !== undefined && { note }) }, own);
    });
    begin();
    expect(await Promise.all(done)).toEqual(calls.map((texts) => texts.map((id) => ({ status: "skipped", id }))));
    expect(stored.map(({ contents }) => contents)).toEqual([["a", "b", "c", "d"]]);
    expect(stored[0]!.gathered.calls).toEqual(notes.map((note, at) => ({ count: calls[at]!.length, note })));
  });

  test("TEN-8 of several writers are kept apart, so that each note is of who wrote", async () => {
    const { stored, begin, gatherer } = makeStore();
    const [one, two] = [makeNote(), makeNote({ principal: "bob" })];
    const done = [
      gatherer.remember("space", { ...alice, note: one }, [await itemOf("a")]),
      gatherer.remember("space", { ...bob, note: two }, [await itemOf("b")]),
    ];
    begin();
    await Promise.all(done);
    expect(stored.map(({ principal, gathered }) => [principal, gathered.calls[0]?.note])).toEqual([
      ["alice", one],
      ["bob", two],
    ]);
  });

  test("TEN-8 are tried alone, each with its own note, after a fault of our own, and not after a full disk", async () => {
    const notes = [makeNote(), makeNote(), makeNote()];
    const items = await Promise.all(["a", "bad", "c"].map((text) => itemOf(text)));
    for (const code of ["internal", "storage.full"] as const) {
      const { stored, begin, gatherer } = makeStore(({ items: some }) =>
        some.some(({ fields }) => fields.content === "bad") ? new CairnError(code, "No.") : null,
      );
      const done = notes.map((note, at) => gatherer.remember("space", { ...alice, note }, [items[at]!]));
      begin();
      const outcomes = await Promise.allSettled(done);
      const alone = notes.map((note) => [{ count: 1, note }]);
      expect(outcomes.map(({ status }) => status)).toEqual(
        code === "internal" ? ["fulfilled", "rejected", "fulfilled"] : ["rejected", "rejected", "rejected"],
      );
      expect(stored.slice(1).map(({ gathered }) => gathered.calls)).toEqual(code === "internal" ? alone : []);
    }
  });

  test("TEN-8 what comes when the others are being stored is not among them", async () => {
    const { stored, begin, gatherer } = makeStore();
    const first = gatherer.remember("space", { ...alice, note: makeNote() }, [await itemOf("a")]);
    begin();
    await first;
    await gatherer.remember("space", { ...alice, note: makeNote() }, [await itemOf("b")]);
    expect(stored.map(({ contents }) => contents)).toEqual([["a"], ["b"]]);
    expect(stored[0]!.gathered.calls).toHaveLength(1);
  });
});
