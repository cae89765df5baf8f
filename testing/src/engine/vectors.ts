import { describe, expect, test } from "vitest";
import { fill, late, missingTexts, near, own, readerOf, said, stateOf, writerOf } from "./vector-world.ts";
import { along, type EngineConformance, engineEmbedder, openWorld } from "./world.ts";

export const describeLateVectors = (conformance: EngineConformance): void => {
  describe("vectors that come later", () => {
    test("EMB-4 are found as soon as they are set, by every part of the text, and are no change of the memory", async () => {
      await using world = await openWorld(conformance);
      const stored = await late(world, { content: "Late bloomer", author: "Ann", occurredAt: 5 });
      const missing = await readerOf(world).missingVectors(5);
      expect(missing).toMatchObject([{ passage: { content: "Late bloomer", author: "Ann", occurredAt: 5 } }]);
      expect(await stateOf(world)).toEqual({ model: own, documents: 1, missing: 1, next: null });
      expect(await world.texts("unheard", { vector: along(7), minRelevance: 0.1 })).toEqual([]);
      const changes = await readerOf(world).changes(0, 10);
      const items = [{ document: missing[0]!.document, vectors: [along(7), along(8)] }];
      expect(await writerOf(world).setVectors(own.id, items)).toBe(1);
      for (const vector of [along(7), along(8)]) {
        expect(await world.texts("unheard", { vector, minRelevance: 0.1 })).toEqual(["Late bloomer"]);
      }
      expect(await stateOf(world)).toMatchObject({ missing: 0 });
      expect(await readerOf(world).missingVectors(5)).toEqual([]);
      expect(await readerOf(world).get(stored.id)).toEqual(stored);
      expect(await readerOf(world).history(stored.id)).toHaveLength(1);
      expect(await readerOf(world).changes(0, 10)).toEqual(changes);
      expect(await readerOf(world).vectors([stored.id, "unknown"])).toEqual([[along(7), along(8)], null]);
      await world.reopen();
      expect(await world.texts("unheard", { vector: along(8), minRelevance: 0.1 })).toEqual(["Late bloomer"]);
    });

    test("EMB-4 are taken once, and not for a text that is gone or for one that nobody has", async () => {
      await using world = await openWorld(conformance);
      await world.remember("Kept apart");
      const gone = await late(world, "Soon gone");
      await late(world, "Taken once");
      const [first, second] = await readerOf(world).missingVectors(5);
      await writerOf(world).forget(gone.id, { purge: true });
      const items = [first, second].map((one) => ({ document: one!.document, vectors: [along(3)] }));
      expect(await writerOf(world).setVectors(own.id, [...items, { document: 4_711, vectors: [along(3)] }])).toBe(1);
      expect(await writerOf(world).setVectors(own.id, items)).toBe(0);
      expect(await writerOf(world).setVectors("unknown@1", items)).toBe(0);
      expect(await world.texts("unheard", { vector: along(3), minRelevance: 0.1 })).toEqual(["Taken once"]);
      expect(await world.engine.check(world.space)).toEqual([]);
    });

    test("EMB-4 come first to current memories, then to pieces of sessions, then to earlier versions", async () => {
      await using world = await openWorld(conformance);
      const changed = await late(world, "Weather in March");
      const deleted = await late(world, "Deleted by now");
      await writerOf(world).update({ id: changed.id, fields: { content: "Weather in April" }, vectors: [] });
      await writerOf(world).forget(deleted.id, { purge: false });
      const ingest = { sessionId: "s", instanceId: "laptop", messages: [said("The heron stands in the reeds", 1)] };
      const [chunk = ""] = await readerOf(world).planSession(ingest);
      await writerOf(world).ingestSession(ingest, new Map([[chunk, []]]), own.id);
      await late(world, "Stored last");
      const expected = ["Weather in April", "Stored last", chunk, "Weather in March", "Deleted by now"];
      expect(await missingTexts(world)).toEqual(expected);
      expect(await missingTexts(world, own.id)).toEqual(expected);
      expect(await missingTexts(world, "unknown@1")).toEqual([]);
      expect((await readerOf(world).missingVectors(2)).map(({ passage }) => passage.content)).toEqual(
        expected.slice(0, 2),
      );
      expect(await stateOf(world)).toMatchObject({ documents: 5, missing: 5 });
      expect(await fill(world, engineEmbedder)).toBe(5);
      const hits = await world.searchSessions("unheard", { vector: await engineEmbedder.embedQuery("heron reeds") });
      expect(hits).toHaveLength(1);
      await writerOf(world).restore(deleted.id);
      expect(await near(world, "deleted by now", engineEmbedder)).toEqual(["Deleted by now"]);
      expect(await near(world, "weather in march", engineEmbedder, { asOf: changed.createdAt })).toEqual([
        "Weather in March",
      ]);
    });

    test("EMB-4 end for a text that says nothing to the model, also when it is stored anew", async () => {
      await using world = await openWorld(conformance);
      const { id } = await late(world, "🎉");
      expect(await fill(world, engineEmbedder)).toBe(1);
      expect(await stateOf(world)).toMatchObject({ documents: 1, missing: 0 });
      await writerOf(world).update({ id, fields: { importance: 1 } });
      expect(await missingTexts(world)).toEqual([]);
      expect(await world.engine.check(world.space)).toEqual([]);
    });

    test("EMB-4 are refused where they are not what the model makes", async () => {
      await using world = await openWorld(conformance);
      await late(world, "Waits");
      const [{ document } = { document: 0 }] = await readerOf(world).missingVectors(1);
      for (const vector of [new Float32Array(3), along(1).fill(Number.NaN)]) {
        await expect(writerOf(world).setVectors(own.id, [{ document, vectors: [vector] }])).rejects.toMatchObject({
          code: "request.invalid",
        });
      }
      expect(await stateOf(world)).toMatchObject({ missing: 1 });
    });
  });
};
