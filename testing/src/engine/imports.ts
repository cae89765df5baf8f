import { describe, expect, test } from "vitest";
import { newId } from "@cairn/kernel/id";
import type { ImportedIdentity } from "@cairn/memory/space/engine";
import { alice, type EngineConformance, itemOf, openWorld } from "./world.ts";

const past = Date.UTC(2020, 0, 1);
const identity = (more: Partial<ImportedIdentity> = {}): ImportedIdentity => ({
  id: newId(),
  sourceInstance: "other-machine",
  createdAt: past,
  updatedAt: past + 1,
  onConflict: "skip",
  ...more,
});

export const describeImports = (conformance: EngineConformance): void => {
  describe("imports", () => {
    test("MEM-6 keeps id, times and provenance", async () => {
      await using world = await openWorld(conformance);
      const imported = identity();
      const stored = await world.remember("From elsewhere", { imported });
      const { id, sourceInstance, createdAt, updatedAt } = imported;
      expect(stored).toMatchObject({ id, sourceInstance, createdAt, updatedAt, createdBy: "alice" });
    });

    test("MEM-6 gives an id to what comes without one, and knows it again by its key", async () => {
      await using world = await openWorld(conformance);
      const imported: ImportedIdentity = { createdAt: past, onConflict: "overwrite" };
      const outcomes = await world.rememberAll([
        await itemOf({ content: "From a list", key: "k" }, { imported }),
        await itemOf({ content: "From a later list", key: "k" }, { imported }),
      ]);
      expect(outcomes.map(({ status }) => status)).toEqual(["stored", "updated"]);
      expect(await world.texts("list", { minRelevance: 0 })).toEqual(["From a later list"]);
    });

    test("MEM-6 skips, overwrites or merges what is already there", async () => {
      await using world = await openWorld(conformance);
      const imported = identity();
      await world.remember("Version one", { imported });
      const again = (content: string, more: Partial<ImportedIdentity>) =>
        world.outcomeOf(content, { imported: { ...imported, ...more } });
      expect(await again("Skipped", {})).toEqual({ status: "skipped", id: imported.id });
      expect(await again("Too old", { onConflict: "merge", updatedAt: past })).toMatchObject({ status: "skipped" });
      expect(await again("Newer", { onConflict: "merge", updatedAt: past + 2 })).toMatchObject({ status: "updated" });
      expect(await again("Forced", { onConflict: "overwrite", updatedAt: past })).toMatchObject({ status: "updated" });
      expect(await world.texts("forced newer version", { minRelevance: 0 })).toEqual(["Forced"]);
    });

    test("MEM-6 goes by the key where ids differ", async () => {
      await using world = await openWorld(conformance);
      const mine = await world.remember({ content: "Mine", key: "k" });
      const theirs = { content: "Theirs", key: "k" };
      expect(await world.outcomeOf(theirs, { imported: identity() })).toEqual({ status: "skipped", id: mine.id });
      expect(await world.outcomeOf(theirs, { imported: identity({ onConflict: "overwrite" }) })).toMatchObject({
        status: "updated",
        memory: { id: mine.id, content: "Theirs" },
      });
    });

    test.each([0, 1])("MEM-4 keeps a correction a correction, whichever comes first (%i)", async (first) => {
      await using world = await openWorld(conformance);
      const wrong = identity();
      const right = identity({ supersedes: wrong.id ?? null });
      const steps = [
        () => world.remember({ content: "The train leaves at nine", key: "train" }, { imported: wrong }),
        () => world.remember({ content: "The train leaves at ten", key: "train" }, { imported: right }),
      ];
      await steps[first]!();
      await steps[1 - first]!();
      expect(await world.texts("train leaves", { minRelevance: 0 })).toEqual(["The train leaves at ten"]);
      const found = await world.engine.read(world.space).get(right.id!);
      expect(found).toMatchObject({ key: "train", supersedes: wrong.id });
      expect((await world.engine.read(world.space).get(wrong.id!))?.supersededBy).toEqual(expect.any(String));
      expect(await world.engine.check(world.space)).toEqual([]);
    });

    test("MEM-4 does not bring back what was corrected here", async () => {
      await using world = await openWorld(conformance);
      const imported = identity({ onConflict: "overwrite" });
      await world.remember("The bridge is open", { imported });
      await world.correct(imported.id!, "The bridge is closed");
      const again = await world.outcomeOf("The bridge is open", { imported });
      expect(again).toEqual({ status: "skipped", id: imported.id });
      expect(await world.texts("bridge")).toEqual(["The bridge is closed"]);
    });

    test("MEM-3 brings back what was deleted here, unless its key is taken", async () => {
      await using world = await openWorld(conformance);
      const writer = world.engine.write(world.space, alice);
      const imported = identity();
      const draft = { content: "Ferry timetable", key: "ferry" };
      await world.remember(draft, { imported });
      await writer.forget(imported.id!, { purge: false });
      expect(await world.outcomeOf(draft, { imported })).toMatchObject({ status: "updated" });
      await writer.forget(imported.id!, { purge: false });
      await world.remember({ content: "Another timetable", key: "ferry" });
      const refused = await world.outcomeOf(draft, { imported });
      expect(refused).toMatchObject({ status: "failed", error: { code: "memory.version_conflict" } });
      expect(await world.texts("timetable")).toEqual(["Another timetable"]);
    });
  });
};
