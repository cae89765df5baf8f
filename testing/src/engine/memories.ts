import { describe, expect, test } from "vitest";
import { limits } from "@cairn/memory/memory/memory";
import { alice, along, type Draft, embed, type EngineConformance, itemOf, openWorld } from "./world.ts";

const everything: Draft = {
  content: "Zażółć gęślą jaźń — 你好, мир 👩‍👩‍👧 \u0000 \u200b end\n\ttabs",
  key: "profile/ä",
  category: "preference",
  entity: "Ann Lee",
  tags: ["ключ", "a b", "%_", "'; DROP TABLE memories;--"],
  metadata: { nested: { list: [1, 2.5, null, true, "x"], "": "empty key" }, big: 9_007_199_254_740_991 },
  context: "said in passing",
  author: "Bob O'Neil",
  sessionId: "s/1",
  sessionSeq: 2.5,
  sourceType: "legacy",
  sourceUri: "https://example.org/?q=1#f",
  trust: "document",
  importance: 0.25,
  confidence: 0.75,
  occurredAt: -62_135_596_800_000,
  validFrom: 0,
  validUntil: 253_402_300_799_999,
  expiresAt: 253_402_300_799_999,
  decay: "durable",
};

const conflict = (currentVersion: number): object => ({ code: "memory.version_conflict", data: { currentVersion } });

export const describeMemories = (conformance: EngineConformance): void => {
  describe("memories", () => {
    test("MEM-1 gives back every field as it was stored, after a restart too", async () => {
      await using world = await openWorld(conformance);
      const stored = await world.remember(everything);
      expect(stored).toMatchObject({
        ...everything,
        version: 1,
        space: world.space,
        supersedes: null,
        supersededBy: null,
      });
      expect(stored).toMatchObject({ createdBy: "alice", updatedBy: "alice", sourceInstance: "laptop" });
      expect(await world.engine.read(world.space).get(stored.id)).toEqual(stored);
      await world.reopen();
      expect(await world.engine.read(world.space).get(stored.id)).toEqual(stored);
      expect((await world.hits("Zażółć gęślą jaźń"))[0]?.memory).toEqual(stored);
    });

    test("MEM-1 keeps the largest content that is allowed and finds words at both ends of it", async () => {
      await using world = await openWorld(conformance);
      const filler = Array.from({ length: 9_000 }, (_, at) => `w${at % 700}`).join(" ");
      const content = `Aardvark ${filler.slice(0, limits.contentCharacters - 18)} Zebrafish`;
      const stored = await world.remember(content);
      expect((await world.engine.read(world.space).get(stored.id))?.content).toBe(content);
      expect((await world.hits("aardvark", { minRelevance: 0 }))[0]?.memory.id).toBe(stored.id);
      expect((await world.hits("zebrafish", { minRelevance: 0 }))[0]?.memory.id).toBe(stored.id);
    });

    test("MEM-1 stores texts of nothing that the analyzer or the embedder knows", async () => {
      await using world = await openWorld(conformance);
      for (const content of [
        "!!!",
        "the",
        "\ufffd\ufffe",
        "👍",
        "\u0001tag",
        "a".repeat(5_000),
        "𠮷野家",
        "𠮷野家の牛丼",
      ]) {
        const stored = await world.remember(content, { skipDedup: true, vectors: [] });
        await world.remember(content, { skipDedup: true, vectors: [] });
        expect((await world.engine.read(world.space).get(stored.id))?.content).toBe(content);
      }
      await world.reopen();
      expect(await world.texts("𠮷野家")).toContain("𠮷野家の牛丼");
      await world.remember("𠮷野家", { skipDedup: true });
      expect(await world.engine.check(world.space)).toMatchObject([{ code: "vectors.missing" }]);
    });

    test("MEM-1 takes long words that are cut inside a pair of surrogates", async () => {
      await using world = await openWorld(conformance);
      const word = `x${"𐌰𐌱".repeat(20)}`;
      await world.remember(`one ${word}`);
      await world.reopen();
      await world.remember(`another ${word}`);
      expect(await world.texts(word)).toHaveLength(2);
    });

    test("MEM-1 refuses vectors that are not the model's, and goes on", async () => {
      await using world = await openWorld(conformance);
      const bad = [[new Float32Array(3)], [along(1).fill(Number.NaN)]];
      const items = await Promise.all(bad.map((vectors, at) => itemOf(`bad ${at}`, { vectors })));
      const outcomes = await world.rememberAll([await itemOf("good one"), ...items]);
      expect(outcomes.map(({ status }) => status)).toEqual(["stored", "failed", "failed"]);
      expect(await world.texts("good bad", { minRelevance: 0 })).toEqual(["good one"]);
      expect(await world.engine.check(world.space)).toEqual([]);
    });

    test("MEM-2 updates what is named and leaves the rest, found by the new words and not by the old", async () => {
      await using world = await openWorld(conformance);
      const stored = await world.remember({ content: "The cat sleeps indoors", tags: ["pet"], metadata: { a: 1 } });
      const content = "A tortoise hibernates";
      const vectors = await embed(content);
      const writer = world.engine.write(world.space, { principal: "bob", instance: "phone" });
      const updated = await writer.update({ id: stored.id, fields: { content, tags: ["reptile"] }, vectors });
      expect(updated).toMatchObject({ id: stored.id, version: 2, content, metadata: { a: 1 }, updatedBy: "bob" });
      expect(updated.createdAt).toBe(stored.createdAt);
      expect(await world.texts("tortoise")).toEqual([content]);
      expect(await world.texts("cat sleeps indoors")).toEqual([]);
      expect(await world.texts("tortoise", { tags: ["reptile"] })).toEqual([content]);
      expect(await world.texts("tortoise", { tags: ["pet"] })).toEqual([]);
      expect(await world.engine.read(world.space).get(stored.id)).toEqual(updated);
    });

    test("MEM-2 keeps the vectors when only other fields change", async () => {
      await using world = await openWorld(conformance);
      const stored = await world.remember("seven silver swans", { vectors: [along(9)] });
      await world.engine.write(world.space, alice).update({ id: stored.id, fields: { importance: 1 } });
      expect(await world.texts("unrelated", { vector: along(9) })).toEqual(["seven silver swans"]);
      const [vectors] = await world.engine.read(world.space).vectors([stored.id]);
      expect(vectors).toEqual([along(9)]);
    });

    test("MEM-2 refuses a stale version with the current one, and changes nothing", async () => {
      await using world = await openWorld(conformance);
      const stored = await world.remember("first words");
      const writer = world.engine.write(world.space, alice);
      await writer.update({ id: stored.id, fields: { importance: 0.5 }, expectedVersion: 1 });
      const stale = { id: stored.id, fields: { importance: 0.9 }, expectedVersion: 1 };
      await expect(writer.update(stale)).rejects.toMatchObject(conflict(2));
      await expect(writer.forget(stored.id, { purge: false, expectedVersion: 1 })).rejects.toMatchObject(conflict(2));
      expect(await world.engine.read(world.space).get(stored.id)).toMatchObject({ version: 2, importance: 0.5 });
    });

    test("MEM-2 writes to the memory that has the key", async () => {
      await using world = await openWorld(conformance);
      const first = await world.remember({ content: "Editor is vim", key: "editor" });
      const outcome = await world.outcomeOf({ content: "Editor is emacs", key: "editor" });
      expect(outcome).toMatchObject({ status: "updated", memory: { id: first.id, version: 2, key: "editor" } });
      expect(await world.texts("editor", { key: "editor" })).toEqual(["Editor is emacs"]);
      const stale = await world.outcomeOf({ content: "Editor is ed", key: "editor" }, { expectedVersion: 1 });
      expect(stale).toMatchObject({ status: "failed", error: conflict(2) });
      expect((await world.engine.read(world.space).list({ key: "editor", limit: 5 })).items).toHaveLength(1);
    });

    test("MEM-2 keeps a key unique through deletes, restores and updates", async () => {
      await using world = await openWorld(conformance);
      const writer = world.engine.write(world.space, alice);
      const first = await world.remember({ content: "Old holder", key: "k" });
      await writer.forget(first.id, { purge: false });
      const second = await world.remember({ content: "New holder", key: "k" });
      expect(second.id).not.toBe(first.id);
      await expect(writer.restore(first.id)).rejects.toMatchObject(conflict(1));
      const third = await world.remember("Keyless");
      await expect(writer.update({ id: third.id, fields: { key: "k" } })).rejects.toMatchObject(conflict(1));
      await expect(world.correct(third.id, "Keyless still", { key: "k" })).rejects.toMatchObject(conflict(1));
      await writer.forget(second.id, { purge: false });
      expect(await writer.restore(first.id)).toMatchObject({ key: "k", content: "Old holder" });
      const page = await world.engine.read(world.space).list({ key: "k", limit: 5 });
      expect(page.items.map(({ id }) => id)).toEqual([first.id]);
    });

    test("MEM-2 says that what is not there is not there", async () => {
      await using world = await openWorld(conformance);
      const gone = await world.remember("soon gone");
      const writer = world.engine.write(world.space, alice);
      await writer.forget(gone.id, { purge: false });
      for (const id of [gone.id, "nonsense", "01890000-0000-7000-8000-000000000000"]) {
        await expect(writer.update({ id, fields: { importance: 1 } })).rejects.toMatchObject({
          code: "memory.not_found",
        });
        await expect(world.correct(id, "x")).rejects.toMatchObject({ code: "memory.not_found" });
        await expect(writer.forget(id, { purge: false })).rejects.toMatchObject({ code: "memory.not_found" });
        expect(await world.engine.read(world.space).get(id)).toBeNull();
      }
      await expect(writer.restore("nonsense")).rejects.toMatchObject({ code: "memory.not_found" });
      await expect(writer.restore(gone.id, 99)).rejects.toMatchObject({ code: "memory.version_not_found" });
    });
  });
};
