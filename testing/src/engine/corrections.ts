import { describe, expect, test } from "vitest";
import type { RecallQuery } from "@cairn/memory/recall/query";
import { along, alice, embed, type EngineConformance, openWorld, tick } from "./world.ts";

export const describeCorrections = (conformance: EngineConformance): void => {
  describe("corrections", () => {
    test("MEM-4 hides what was corrected from words, meaning, entity, time, tag, key and list", async () => {
      await using world = await openWorld(conformance);
      const occurredAt = Date.UTC(2024, 4, 8);
      const wrong = await world.remember(
        { content: "Priya Raman lives in Lisbon", tags: ["address"], entity: "Priya Raman", occurredAt, key: "home" },
        { vectors: [along(5)] },
      );
      await tick();
      const before = Date.now();
      await tick();
      const right = await world.correct(wrong.id, "Priya Raman lives in Porto");
      expect(right).toMatchObject({
        supersedes: wrong.id,
        supersededBy: null,
        version: 1,
        key: "home",
        tags: ["address"],
      });
      expect(right).toMatchObject({ occurredAt, sourceType: "correction", entity: "Priya Raman" });
      const ways: readonly (readonly [string, Partial<RecallQuery>])[] = [
        ["Lisbon", {}],
        ["where does Priya Raman live", {}],
        ["nothing alike", { vector: along(5) }],
        ["Priya", { entity: "Priya Raman" }],
        ["Priya", { tags: ["address"] }],
        ["Priya", { key: "home" }],
        ["Priya", { after: occurredAt, before: occurredAt + 1 }],
        ["what happened on May 8, 2024", { minRelevance: 0 }],
      ];
      for (const [query, more] of ways) {
        expect(await world.texts(query, more)).not.toContain(wrong.content);
        expect(await world.texts(query, { ...more, minRelevance: 0 })).not.toContain(wrong.content);
      }
      const reader = world.engine.read(world.space);
      expect((await reader.get(wrong.id))?.supersededBy).toBe(right.id);
      expect((await reader.list({ limit: 10 })).items.map(({ id }) => id)).toEqual([right.id]);
      expect((await reader.history(wrong.id)).at(-1)).toMatchObject({
        kind: "supersede",
        memory: { supersededBy: right.id },
      });
      for (const [query, more] of ways.slice(0, 7)) {
        const past = await world.hits(query, { ...more, asOf: before });
        expect(past.map(({ memory }) => [memory.id, memory.content])).toEqual([[wrong.id, wrong.content]]);
      }
      await world.reopen();
      expect(await world.texts("Lisbon", { minRelevance: 0 })).toEqual([right.content]);
      expect(await world.texts("Lisbon", { asOf: before })).toEqual([wrong.content]);
      expect(await world.engine.check(world.space)).toEqual([]);
    });

    test("MEM-4 answers for each moment of a chain of corrections", async () => {
      await using world = await openWorld(conformance);
      const texts = ["Budget is 10 crowns", "Budget is 20 crowns", "Budget is 30 crowns"];
      const moments: number[] = [];
      let last = await world.remember(texts[0]!);
      for (const text of [...texts.slice(1), null]) {
        await tick();
        moments.push(Date.now());
        await tick();
        if (text !== null) last = await world.correct(last.id, text);
      }
      for (const [at, asOf] of moments.entries()) {
        expect(await world.texts("budget crowns", { asOf })).toEqual([texts[at]]);
      }
      expect(await world.texts("budget crowns", { asOf: moments[0]! - 60_000 })).toEqual([]);
      expect(await world.texts("budget crowns")).toEqual([texts[2]]);
      const stats = await world.engine.read(world.space).stats();
      expect(stats).toMatchObject({ memories: 1, corrections: 1 });
    });

    test("MEM-4 refuses to change what was corrected already, names the correction, and lets it be forgotten", async () => {
      await using world = await openWorld(conformance);
      const wrong = await world.remember("Tea at four");
      const right = await world.correct(wrong.id, "Tea at five");
      const conflict = { code: "memory.version_conflict", message: expect.stringContaining(right.id) as string };
      await expect(world.correct(wrong.id, "Tea at six")).rejects.toMatchObject(conflict);
      const writer = world.engine.write(world.space, alice);
      await expect(writer.update({ id: wrong.id, fields: { importance: 1 } })).rejects.toMatchObject(conflict);
      await writer.forget(wrong.id, { purge: false });
      expect(await world.engine.read(world.space).get(wrong.id)).toBeNull();
      expect(await world.texts("tea")).toEqual(["Tea at five"]);
    });

    test("MEM-4 lends no words of a corrected turn to its neighbours", async () => {
      await using world = await openWorld(conformance);
      const turn = (content: string, sessionSeq: number) =>
        world.remember({ content, author: "Ann", sessionId: "s", sessionSeq });
      await turn("Shall we begin", 0);
      const wrong = await turn("The walrus is blue", 1);
      await turn("Fine by me", 2);
      expect(await world.texts("walrus", { minRelevance: 0.01, vector: along(63) })).toHaveLength(3);
      await world.correct(wrong.id, "The heron is blue");
      expect(await world.texts("walrus", { minRelevance: 0.01, vector: along(63) })).toEqual([]);
      expect(await world.texts("heron", { minRelevance: 0.01, vector: along(63) })).toHaveLength(3);
      await world.reopen();
      expect(await world.texts("walrus", { minRelevance: 0.01, vector: along(63) })).toEqual([]);
    });

    test("MEM-12 links a contradiction both ways and says which is stale", async () => {
      await using world = await openWorld(conformance);
      const older = await world.remember("Joe's favorite color is blue");
      const outcome = await world.outcomeOf("Joe's favorite color is green");
      if (outcome.status !== "stored") throw new Error(outcome.status);
      expect(outcome.conflicts).toEqual([older.id]);
      const byId = new Map((await world.hits("Joe favorite color")).map((hit) => [hit.memory.id, hit]));
      expect(byId.get(older.id)).toMatchObject({ conflicts: [outcome.memory.id], stale: true });
      expect(byId.get(outcome.memory.id)).toMatchObject({ conflicts: [older.id], stale: false });
    });

    test("MEM-12 unlinks a contradiction when one side is corrected, forgotten or rewritten", async () => {
      await using world = await openWorld(conformance);
      const writer = world.engine.write(world.space, alice);
      const base = await world.remember("Mia's favorite food is ramen");
      const conflicts = async () => (await world.hits("Mia favorite food")).find(({ memory }) => memory.id === base.id);
      const second = await world.remember("Mia's favorite food is pizza");
      await world.correct(second.id, "Mia ate pizza once");
      expect(await conflicts()).toMatchObject({ conflicts: [], stale: false });
      const third = await world.remember("Mia's favorite food is tacos");
      expect(await conflicts()).toMatchObject({ conflicts: [third.id], stale: true });
      await writer.forget(third.id, { purge: false });
      expect(await conflicts()).toMatchObject({ conflicts: [], stale: false });
      const fourth = await world.remember("Mia's favorite food is soup");
      const content = "Mia cooks soup";
      await writer.update({ id: fourth.id, fields: { content }, vectors: await embed(content) });
      expect(await conflicts()).toMatchObject({ conflicts: [], stale: false });
    });

    test("MEM-12 shows a memory outside its validity as stale", async () => {
      await using world = await openWorld(conformance);
      const now = Date.now();
      await world.remember({ content: "Office code 4711", validUntil: now - 1_000 });
      expect(await world.hits("office code", { now })).toMatchObject([{ stale: true }]);
      expect(await world.hits("office code", { now: now - 5_000 })).toMatchObject([{ stale: false }]);
    });
  });
};
