import { describe, expect, test } from "vitest";
import { type EngineConformance, itemOf, memoryOf, openWorld } from "./world.ts";

export const describeDuplicates = (conformance: EngineConformance): void => {
  describe("duplicates and batches", () => {
    test("MEM-5 names the memory that says the same", async () => {
      await using world = await openWorld(conformance);
      const stored = await world.remember("The spare key is under the blue pot");
      for (const again of ["the spare key is under  the BLUE pot.", "The spare key is under the blue pot!"]) {
        expect(await world.outcomeOf(again)).toEqual({ status: "duplicate", duplicateOf: stored.id });
      }
      expect(await world.outcomeOf("The spare keys are under the blue pot")).toMatchObject({ status: "stored" });
      await world.reopen();
      expect(await world.outcomeOf(stored.content)).toEqual({ status: "duplicate", duplicateOf: stored.id });
      expect(await world.outcomeOf(stored.content, { skipDedup: true })).toMatchObject({ status: "stored" });
    });

    test("MEM-5 stores fifty texts that differ in one number", async () => {
      await using world = await openWorld(conformance);
      const items = await Promise.all(
        Array.from({ length: 50 }, (_, at) => itemOf(`The service listens on port ${8000 + at}`)),
      );
      const outcomes = await world.rememberAll(items);
      expect(outcomes.map(({ status }) => status)).toEqual(Array(50).fill("stored"));
      const again = await world.rememberAll(items);
      expect(again.map((outcome) => outcome.status === "duplicate" && outcome.duplicateOf)).toEqual(
        outcomes.map((outcome) => memoryOf(outcome).id),
      );
    });

    test.each([
      ["Call Bob on Monday", "Call Ann on Monday"],
      ["The build is green", "The build is not green"],
      ["Use getUserById", "Use getUserByName"],
      ["Due 2024-05-08", "Due 2024-05-09"],
      ["Is it raining?", "Is it raining"],
    ])("MEM-5 tells %j from %j", async (one, other) => {
      await using world = await openWorld(conformance);
      const vectors = (await itemOf(one)).vectors;
      await world.remember(one, { vectors });
      expect(await world.outcomeOf(other, { vectors })).toMatchObject({ status: "stored" });
    });

    test("MEM-5 takes the same text by another author or on another occasion as another memory", async () => {
      await using world = await openWorld(conformance);
      const thanks = { content: "Thank you, that helps", author: "Ann", sessionId: "s1", sessionSeq: 1 };
      const said = [
        thanks,
        { ...thanks, author: "Bob" },
        { ...thanks, sessionSeq: 2 },
        { ...thanks, sessionId: "s2" },
        { ...thanks, occurredAt: 1_700_000_000_000 },
      ];
      for (const draft of said) expect(await world.outcomeOf(draft)).toMatchObject({ status: "stored" });
      for (const draft of said) expect(await world.outcomeOf(draft)).toMatchObject({ status: "duplicate" });
      expect(await world.outcomeOf({ ...thanks, author: "ANN" })).toMatchObject({ status: "duplicate" });
    });

    test("MEM-5 knows a turn again after it was changed, though its place was given on arrival", async () => {
      await using world = await openWorld(conformance);
      const turn = { content: "See you at the station", author: "Ann", sessionId: "s1" };
      const stored = await world.remember(turn);
      const writer = world.engine.write(world.space, { principal: "alice", instance: "laptop" });
      await writer.update({ id: stored.id, fields: { importance: 0.9 } });
      expect(await world.outcomeOf(turn)).toEqual({ status: "duplicate", duplicateOf: stored.id });
    });

    test("MEM-5 stores again what was deleted, corrected or has expired", async () => {
      await using world = await openWorld(conformance);
      const writer = world.engine.write(world.space, { principal: "alice", instance: "laptop" });
      const first = await world.remember("Bin day is Tuesday");
      await writer.forget(first.id, { purge: false });
      const second = await world.remember("Bin day is Tuesday");
      await world.correct(second.id, "Bin day is Friday");
      const third = await world.remember("Bin day is Tuesday");
      expect(new Set([first.id, second.id, third.id]).size).toBe(3);
      const expired = await world.remember({ content: "Parking until noon", expiresAt: Date.now() - 1 });
      expect((await world.remember("Parking until noon")).id).not.toBe(expired.id);
    });

    test("MEM-6 finds duplicates inside one batch", async () => {
      await using world = await openWorld(conformance);
      const items = await Promise.all(
        ["Same thing", "Other thing", "same thing.", "Other thing"].map((text) => itemOf(text)),
      );
      const outcomes = await world.rememberAll(items);
      const ids = outcomes.slice(0, 2).map((outcome) => memoryOf(outcome).id);
      expect(outcomes.slice(2)).toEqual(ids.map((duplicateOf) => ({ status: "duplicate", duplicateOf })));
    });

    test("MEM-6 stores a thousand in one call, each found at once", async () => {
      await using world = await openWorld(conformance);
      const items = await Promise.all(
        Array.from({ length: 1_000 }, (_, at) => itemOf(`Invoice unique${at} was paid on day ${at}`)),
      );
      const outcomes = await world.rememberAll(items);
      expect(new Set(outcomes.map((outcome) => memoryOf(outcome).id)).size).toBe(1_000);
      for (const at of [0, 199, 200, 500, 999]) {
        expect((await world.texts(`unique${at}`))[0]).toBe(`Invoice unique${at} was paid on day ${at}`);
      }
      expect(await world.engine.read(world.space).stats()).toMatchObject({ memories: 1_000, changes: 1_000 });
      expect(await world.engine.check(world.space)).toEqual([]);
    });

    test("MEM-6 stores all or nothing when asked to, and names each item that stood in the way", async () => {
      await using world = await openWorld(conformance);
      await world.remember({ content: "Holder", key: "k" });
      const stale = await itemOf({ content: "Stale", key: "k" }, { expectedVersion: 7 });
      const items = [await itemOf("Walnut one"), stale, await itemOf("Walnut two"), stale];
      await expect(world.rememberAll(items, true)).rejects.toMatchObject({
        code: "memory.batch_rejected",
        data: {
          problems: [
            { path: "memories.1", code: "memory.version_conflict" },
            { path: "memories.3", code: "memory.version_conflict" },
          ],
        },
      });
      expect(await world.texts("walnut", { minRelevance: 0 })).toEqual(["Holder"]);
      expect((await world.engine.read(world.space).changes(0, 10)).length).toBe(1);
      const perItem = await world.rememberAll(items);
      expect(perItem.map(({ status }) => status)).toEqual(["stored", "failed", "stored", "failed"]);
      const all = await world.rememberAll([await itemOf("Hazelnut"), await itemOf("Hazelnut")], true);
      expect(all.map(({ status }) => status)).toEqual(["stored", "duplicate"]);
      expect(await world.texts("walnut")).toHaveLength(2);
      expect(await world.texts("hazelnut")).toHaveLength(1);
    });

    test("MEM-6 takes an empty batch", async () => {
      await using world = await openWorld(conformance);
      expect(await world.rememberAll([])).toEqual([]);
      expect(await world.rememberAll([], true)).toEqual([]);
    });
  });
};
