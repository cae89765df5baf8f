import { describe, expect, test } from "vitest";
import fc from "fast-check";
import { isCairnError } from "@cairn/kernel/error";
import { currentOf, makeModelSpace, type ModelFields, type ModelResult, type ModelSpace } from "../model-space.ts";
import { alice, embed, type EngineConformance, openWorld, type World } from "./world.ts";

/** Words that no other shares its stem with, so that a search for one is a question of membership. */
const words = ["walrus", "violin", "comet", "bakery", "tunnel", "quartz", "maple", "harbour"];
const keys = ["k1", "k2", null, null, null];
const tags = ["t1", "t2"];

const word = fc.constantFrom(...words);
const content = fc.array(word, { minLength: 1, maxLength: 4 }).map((list) => list.join(" "));
const key = fc.constantFrom(...keys);
const tagList = fc.subarray(tags);
const target = fc.nat(30);

const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant("remember" as const), content, key, tags: tagList }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("update" as const),
      target,
      fields: fc.record({ content, key, tags: tagList }, { requiredKeys: [] }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("correct" as const), target, content }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("forget" as const), target }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("restore" as const),
      target,
      version: fc.option(fc.integer({ min: 1, max: 4 }), { nil: undefined }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("purge" as const), target }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("reopen" as const) }) },
);
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

const resultOf = async (work: () => Promise<unknown>): Promise<ModelResult> => {
  try {
    await work();
    return "ok";
  } catch (error) {
    if (isCairnError(error)) return error.code;
    throw error;
  }
};

/** Does one step to both; `ids` are all that were ever given, purged ones included. */
const apply = async (world: World, model: ModelSpace, ids: string[], given: Step): Promise<void> => {
  const writer = world.engine.write(world.space, alice);
  const nobody = "01890000-0000-7000-8000-000000000000";
  const id = "target" in given ? (ids[given.target % Math.max(1, ids.length)] ?? nobody) : nobody;
  switch (given.do) {
    case "remember": {
      const { do: _do, ...fields } = given;
      const holder = model.holderOf(fields.key);
      const stored = await world.remember(fields, { skipDedup: true });
      if (holder === undefined) {
        model.create(stored.id, fields);
        ids.push(stored.id);
      } else {
        expect(stored.id).toBe(holder.id);
        model.update(holder.id, fields);
      }
      return;
    }
    case "update": {
      const { fields } = given as { readonly fields: Partial<ModelFields> };
      const vectors = fields.content === undefined ? {} : { vectors: await embed(fields.content) };
      const result = await resultOf(() => writer.update({ id, fields, ...vectors }));
      expect([given, result]).toEqual([given, model.update(id, fields)]);
      return;
    }
    case "correct": {
      let correction = "";
      const result = await resultOf(async () => (correction = (await world.correct(id, given.content)).id));
      expect([given, result]).toEqual([given, model.correct(id, correction, given.content)]);
      if (correction !== "") ids.push(correction);
      return;
    }
    case "forget":
      expect(await resultOf(() => writer.forget(id, { purge: false }))).toBe(model.forget(id));
      return;
    case "purge":
      expect(await resultOf(() => writer.forget(id, { purge: true }))).toBe(model.purge(id));
      return;
    case "restore":
      expect(await resultOf(() => writer.restore(id, given.version))).toBe(model.restore(id, given.version));
      return;
    case "reopen":
      await world.reopen();
  }
};

const compare = async (
  world: World,
  model: ModelSpace,
  ids: readonly string[],
  moments: readonly number[],
): Promise<void> => {
  const reader = world.engine.read(world.space);
  const live = model.live();
  for (const id of ids) {
    const memory = model.memories().find((one) => one.id === id);
    const readable = memory !== undefined && memory.state !== "deleted";
    expect((await reader.get(id))?.content ?? null).toBe(readable ? currentOf(memory).content : null);
    const versions = await reader.history(id);
    expect(versions.map(({ kind, memory: at }) => [kind, at.content, at.key, at.tags])).toEqual(
      (memory?.versions ?? []).map((version) => [version.kind, version.content, version.key, version.tags]),
    );
  }
  const listed = (await reader.list({ limit: 1_000 })).items.map(({ id }) => id);
  expect(listed.toSorted()).toEqual(live.map(({ id }) => id).toSorted());
  const nothing = { limit: 100, vector: new Float32Array(64), minRelevance: 0.001 };
  for (const one of words) {
    const holding = live
      .map((memory) => currentOf(memory))
      .filter((version) => version.content.split(" ").includes(one));
    const contents = (list: readonly { readonly content: string }[]) =>
      list.map((version) => version.content).toSorted();
    expect((await world.texts(one, nothing)).toSorted()).toEqual(contents(holding));
    const tagged = holding.filter((version) => version.tags.includes("t1"));
    expect((await world.texts(one, { ...nothing, tags: ["t1"] })).toSorted()).toEqual(contents(tagged));
  }
  for (const asOf of moments) {
    expect((await world.texts("x", { ...nothing, minRelevance: 0, asOf })).toSorted()).toEqual(
      model.asOf(asOf).toSorted(),
    );
  }
  expect(await world.engine.check(world.space)).toEqual([]);
};

export const describeRandomHistories = (conformance: EngineConformance): void => {
  describe("random histories", () => {
    test.skipIf(!conformance.takesClock)(
      "MEM-2 MEM-3 MEM-4 answers like a model of a few Maps after any history, now and at every moment of it",
      async () => {
        const run = fc.assert(
          fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
            let now = Date.UTC(2025, 0, 1);
            await using world = await openWorld(conformance, { clock: () => now });
            const model = makeModelSpace(() => now);
            const ids: string[] = [];
            const moments: number[] = [];
            for (const given of steps) {
              await apply(world, model, ids, given);
              moments.push(now);
              now += 10;
            }
            await compare(world, model, ids, moments);
            await world.reopen();
            await compare(world, model, ids, moments.slice(-3));
          }),
          { numRuns: 25 },
        );
        await expect(run).resolves.toBeUndefined();
      },
      120_000,
    );
  });
};
