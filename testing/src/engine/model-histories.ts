import { expect, test } from "vitest";
import fc from "fast-check";
import { embedders, fill, near, own, readerOf, stateOf, writerOf } from "./vector-world.ts";
import { type EngineConformance, openWorld, type World } from "./world.ts";

const texts = ["walrus violin", "comet bakery", "tunnel quartz", "maple harbour", "🎉"];
const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant("remember" as const),
      content: fc.constantFrom(...texts),
      by: fc.constantFrom(0, 1, 2, null),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("touch" as const), target: fc.nat(20) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant("rewrite" as const),
      target: fc.nat(20),
      content: fc.constantFrom(...texts),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("forget" as const), target: fc.nat(20), purge: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("restore" as const), target: fc.nat(20) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("prepare" as const), by: fc.nat(2) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("fill" as const), by: fc.nat(2), count: fc.nat(6) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("switch" as const), by: fc.nat(2) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("repair" as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("reopen" as const) }) },
);
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

const apply = async (world: World, ids: string[], given: Step): Promise<void> => {
  const writer = writerOf(world);
  const id = "target" in given ? (ids[given.target % Math.max(1, ids.length)] ?? "nobody") : "nobody";
  const passing = async (work: Promise<unknown>): Promise<void> => void (await work.catch(() => undefined));
  switch (given.do) {
    case "remember": {
      const embedder = given.by === null ? null : embedders[given.by]!;
      const passage = { content: given.content, author: null, occurredAt: null };
      const [vectors = []] = embedder === null ? [] : await embedder.embedPassages([passage]);
      const vectorModel = embedder?.model.id ?? own.id;
      ids.push((await world.remember(given.content, { vectors, vectorModel, skipDedup: true })).id);
      return;
    }
    case "touch":
      return passing(writer.update({ id, fields: { importance: 1 } }));
    case "rewrite":
      return passing(writer.update({ id, fields: { content: given.content }, vectors: [] }));
    case "forget":
      return passing(writer.forget(id, { purge: given.purge }));
    case "restore":
      return passing(writer.restore(id));
    case "prepare":
      return writer.prepareModel(embedders[given.by]!.model);
    case "fill": {
      const embedder = embedders[given.by]!;
      const missing = await readerOf(world).missingVectors(given.count, embedder.model.id);
      const vectors = await embedder.embedPassages(missing.map(({ passage }) => passage));
      const items = missing.map(({ document }, at) => ({ document, vectors: vectors[at] ?? [] }));
      expect(await writer.setVectors(embedder.model.id, items)).toBe(items.length);
      return;
    }
    case "switch":
      await writer.switchModel(embedders[given.by]!.model.id);
      return;
    case "repair":
      await world.engine.repair(world.space);
      return;
    case "reopen":
      await world.reopen();
  }
};

export const describeModelHistories = (conformance: EngineConformance): void => {
  test("EMB-6 ENG-1 after any history of writes and changes nothing is out of step, and every text gets its vectors", async () => {
    const run = fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 30 }), async (steps) => {
        await using world = await openWorld(conformance);
        const ids: string[] = [];
        for (const given of steps) await apply(world, ids, given);
        const findings = await world.engine.check(world.space);
        expect(findings.filter(({ code }) => code !== "vectors.missing")).toEqual([]);
        const { model, missing } = await stateOf(world);
        expect(findings.length).toBe(missing > 0 ? 1 : 0);
        const embedder = embedders.find((one) => one.model.id === model?.id)!;
        expect(await fill(world, embedder)).toBe(missing);
        expect(await world.engine.check(world.space)).toEqual([]);
        const { items } = await readerOf(world).list({ limit: 100 });
        for (const { content } of items) {
          const found = await near(world, content, embedder, { minRelevance: 0.2 });
          expect(found).toEqual(content === "🎉" ? [] : [content]);
        }
      }),
      // An engine that cannot take a clock is one with threads, which take long to start anew.
      { numRuns: conformance.takesClock ? 25 : 5 },
    );
    await expect(run).resolves.toBeUndefined();
  }, 120_000);
};
