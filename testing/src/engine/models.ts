import { setImmediate } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import type { EmbeddingModel } from "@cairn/memory/embedding/embedder";
import {
  alike,
  changeTo,
  fill,
  missingTexts,
  near,
  own,
  readerOf,
  said,
  smaller,
  stateOf,
  writerOf,
} from "./vector-world.ts";
import { along, type EngineConformance, engineEmbedder, itemOf, openWorld } from "./world.ts";

export const describeModels = (conformance: EngineConformance): void => {
  describe("models", () => {
    test.each([smaller, alike])("EMB-6 vectors of $model.id are never compared with a space's own", async (other) => {
      await using world = await openWorld(conformance);
      expect(await stateOf(world)).toEqual({ model: own, documents: 0, missing: 0, next: null });
      await world.remember("The otter swims upstream");
      const [vectors = []] = await other.embedPassages([
        { content: "The kiwi sleeps", author: null, occurredAt: null },
      ]);
      await world.remember("The kiwi sleeps", { vectors, vectorModel: other.model.id });
      const stray = await world.remember("The ibis wades", { vectors, vectorModel: other.model.id });
      const { model } = await world.recall("otter");
      expect(model).toEqual(own);
      expect(await missingTexts(world)).toEqual(["The kiwi sleeps", "The ibis wades"]);
      expect(await near(world, "The otter swims upstream", other)).toEqual([]);
      expect(await near(world, "The kiwi sleeps", other)).toEqual([]);
      expect(
        await world.texts("otter", { vector: await other.embedQuery("kiwi"), vectorModel: other.model.id }),
      ).toEqual(["The otter swims upstream"]);
      await writerOf(world).update({ id: stray.id, fields: { content: "The ibis walks" }, vectors, vectorModel: "x" });
      expect(await readerOf(world).vectors([stray.id])).toEqual([null]);
    });

    test("REC-1 a question without a vector goes by words, whatever its length says", async () => {
      await using world = await openWorld(conformance);
      await world.remember("The otter swims upstream");
      for (const vector of [new Float32Array(0), new Float32Array(64), new Float32Array(7)]) {
        for (const vectorModel of ["", own.id]) {
          expect(await world.texts("otter", { vector, vectorModel })).toEqual(["The otter swims upstream"]);
        }
      }
      const vector = new Float32Array(7).fill(0.5);
      await expect(world.recall("otter", { vector, vectorModel: own.id })).rejects.toMatchObject({
        code: "request.invalid",
      });
    });

    test("EMB-6 the old vectors serve until every text has a new one, then the new ones do", async () => {
      await using world = await openWorld(conformance);
      await world.remember("The otter swims upstream");
      const { id } = await world.remember("A cormorant dries its wings");
      await world.ingest("s", [said("The heron stands in the reeds", 1)]);
      await writerOf(world).prepareModel(smaller.model);
      expect(await stateOf(world)).toEqual({
        model: own,
        documents: 3,
        missing: 0,
        next: { model: smaller.model, missing: 3 },
      });
      expect(await writerOf(world).switchModel(smaller.model.id)).toBe(false);
      expect(await fill(world, smaller)).toBe(3);
      expect(await near(world, "cormorant wings", engineEmbedder)).toEqual(["A cormorant dries its wings"]);
      expect(await near(world, "cormorant wings", smaller)).toEqual([]);
      expect((await readerOf(world).vectors([id]))[0]?.[0]).toHaveLength(64);
      await world.remember("Written meanwhile");
      expect(await writerOf(world).switchModel(smaller.model.id)).toBe(false);
      expect(await missingTexts(world, smaller.model.id)).toEqual(["Written meanwhile"]);
      await fill(world, smaller);
      await world.reopen();
      expect(await writerOf(world).switchModel(smaller.model.id)).toBe(true);
      expect(await writerOf(world).switchModel(smaller.model.id)).toBe(true);
      expect(await stateOf(world)).toEqual({ model: smaller.model, documents: 4, missing: 0, next: null });
      for (let round = 0; round < 2; round++) {
        expect(await near(world, "cormorant wings", smaller)).toEqual(["A cormorant dries its wings"]);
        expect(await near(world, "written meanwhile", smaller)).toEqual(["Written meanwhile"]);
        expect(await near(world, "cormorant wings", engineEmbedder)).toEqual([]);
        expect((await readerOf(world).vectors([id]))[0]?.[0]).toHaveLength(24);
        await world.reopen();
      }
      const vector = await smaller.embedQuery("heron reeds");
      const asked = { vector, vectorModel: smaller.model.id, minRelevance: 0.1 };
      expect(await world.searchSessions("unheard", asked)).toHaveLength(1);
      expect(await world.engine.check(world.space)).toEqual([]);
    });

    test("EMB-6 a change goes on where it was, is called off, and gives way to a third model", async () => {
      await using world = await openWorld(conformance);
      for (const content of ["One otter", "Two herons", "Three geese"]) await world.remember(content);
      await writerOf(world).prepareModel(smaller.model);
      const [first] = await readerOf(world).missingVectors(1, smaller.model.id);
      const [vectors = []] = await smaller.embedPassages([first!.passage]);
      await writerOf(world).setVectors(smaller.model.id, [{ document: first!.document, vectors }]);
      await world.reopen();
      await writerOf(world).prepareModel(smaller.model);
      expect(await stateOf(world)).toMatchObject({ next: { model: smaller.model, missing: 2 } });
      await writerOf(world).prepareModel(alike.model);
      expect(await stateOf(world)).toMatchObject({ model: own, next: { model: alike.model, missing: 3 } });
      expect(await writerOf(world).setVectors(smaller.model.id, [{ document: first!.document, vectors }])).toBe(0);
      expect(await writerOf(world).switchModel(smaller.model.id)).toBe(false);
      await fill(world, alike);
      await writerOf(world).prepareModel(own);
      expect(await stateOf(world)).toEqual({ model: own, documents: 3, missing: 0, next: null });
      expect(await writerOf(world).switchModel(alike.model.id)).toBe(false);
      expect(await near(world, "three geese", engineEmbedder)).toEqual(["Three geese"]);
      expect(await changeTo(world, alike)).toBe(true);
      expect(await changeTo(world, smaller)).toBe(true);
      expect(await changeTo(world, engineEmbedder)).toBe(true);
      expect(await near(world, "three geese", engineEmbedder)).toEqual(["Three geese"]);
      await expect(writerOf(world).prepareModel({ ...own, id: "huge", dimensions: 100_000 })).rejects.toMatchObject({
        code: "request.invalid",
      });
    });

    test("EMB-6 what is written during a change goes to both models, or waits for what it lacks", async () => {
      await using world = await openWorld(conformance);
      const kept = await world.remember("Kept as it is");
      const gone = await world.remember("Gone for good");
      await writerOf(world).prepareModel(smaller.model);
      await fill(world, smaller);
      await writerOf(world).update({ id: kept.id, fields: { importance: 1 } });
      await writerOf(world).forget(gone.id, { purge: true });
      expect(await stateOf(world)).toMatchObject({ missing: 0, next: { missing: 0 } });
      const [vectors = []] = await smaller.embedPassages([
        { content: "Ahead of time", author: null, occurredAt: null },
      ]);
      await world.remember("Ahead of time", { vectors, vectorModel: smaller.model.id });
      expect(await missingTexts(world)).toEqual(["Ahead of time"]);
      expect(await missingTexts(world, smaller.model.id)).toEqual([]);
      expect(await writerOf(world).switchModel(smaller.model.id)).toBe(true);
      expect(await stateOf(world)).toMatchObject({ missing: 0, next: null });
      for (const content of ["Kept as it is", "Ahead of time"]) {
        expect(await near(world, content, smaller)).toEqual([content]);
      }
      expect(await world.engine.check(world.space)).toEqual([]);
    });

    test("EMB-6 spaces of different models live side by side", async () => {
      await using world = await openWorld(conformance);
      const { engine } = world;
      const sameEngine = { engine, reopen: async () => engine, remove: async () => undefined };
      await using other = await openWorld({ ...conformance, open: async () => sameEngine });
      await world.remember("The otter swims upstream");
      await other.remember("The otter swims upstream");
      expect(await changeTo(other, smaller)).toBe(true);
      for (let round = 0; round < 2; round++) {
        expect(await near(world, "otter upstream", engineEmbedder)).toHaveLength(1);
        expect(await near(other, "otter upstream", smaller)).toHaveLength(1);
        expect(await near(world, "otter upstream", smaller)).toEqual([]);
        expect(await near(other, "otter upstream", engineEmbedder)).toEqual([]);
        await world.remember(`More to come, ${round}`);
        await other.remember(`More to come, ${round}`);
      }
    });

    test("EMB-6 no question is ever compared with two models' vectors, however often a space changes over", async () => {
      await using world = await openWorld(conformance);
      const count = 24;
      const filler = "was noted by one of us on a long and rainy evening of that year";
      // To one model text n means n, to the other it means the next one: a mixture would show.
      const meaning = { [own.id]: (at: number) => at, [alike.model.id]: (at: number) => (at + 1) % count };
      const texts = Array.from({ length: count }, (_, at) => `Number${at} ${filler}`);
      await world.rememberAll(
        await Promise.all(texts.map((content, at) => itemOf(content, { vectors: [along(at)], skipDedup: true }))),
      );
      const change = async ({ model }: { readonly model: EmbeddingModel }): Promise<void> => {
        await writerOf(world).prepareModel(model);
        for (;;) {
          const missing = await readerOf(world).missingVectors(5, model.id);
          if (missing.length === 0) break;
          const items = missing.map(({ document, passage }) => {
            const at = texts.indexOf(passage.content);
            return { document, vectors: [along(meaning[model.id]!(at))] };
          });
          await writerOf(world).setVectors(model.id, items);
        }
        expect(await writerOf(world).switchModel(model.id)).toBe(true);
        for (const before = compared[model.id]; !asked.signal.aborted && compared[model.id] === before;)
          await setImmediate();
      };
      const asked = new AbortController();
      const compared: Record<string, number> = { [own.id]: 0, [alike.model.id]: 0, none: 0 };
      const ask = async (turn: number): Promise<void> => {
        for (let at = turn; !asked.signal.aborted; at = (at + 5) % count) {
          for (const { id } of [own, alike.model]) {
            const answer = await world.recall("unheard", {
              vector: along(meaning[id]!(at)),
              vectorModel: id,
              minRelevance: 0.2,
            });
            const found = answer.hits.map((hit) => (hit.type === "memory" ? hit.memory.content : ""));
            expect([id, answer.model?.id, found]).toEqual([
              id,
              answer.model?.id,
              answer.model?.id === id ? [texts[at]] : [],
            ]);
            compared[answer.model?.id === id ? id : "none"]! += 1;
          }
          await setImmediate();
        }
      };
      const asking = [0, 1, 2].map((turn) => ask(turn).finally(() => asked.abort()));
      try {
        for (let round = 0; round < 3; round++) {
          await change(alike);
          await change(engineEmbedder);
        }
      } finally {
        asked.abort();
        await Promise.all(asking);
      }
      expect(compared["none"]).toBeGreaterThan(0);
    });
  });
};
