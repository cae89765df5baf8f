/** What servers keep of spaces answers as what is read anew, whatever was written by whom, and is given back. */
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { newId } from "@cairn/kernel/id";
import type { Engine } from "@cairn/memory/space/engine";
import type { RecallQuery } from "@cairn/memory/recall/query";
import type { ThreadedEngine } from "@cairn/store/threads/threaded-engine";
import { meaningOf, textOf } from "@cairn/testing/crash/marked-text";
import { alice, ingestInto, itemOf, memoryOf } from "@cairn/testing/engine/world";
import { embedders, own } from "@cairn/testing/engine/vector-world";
import { postgresOrSkip } from "@cairn/testing/postgres/postgres-or-skip";
import { makeServers, type Servers } from "@cairn/testing/postgres/servers";

const describe = await postgresOrSkip();

const texts = ["walrus violin", "comet bakery by the harbour", "tunnel quartz", "maple harbour", "🎉", "violin maple"];
const by = fc.nat(2);
const target = fc.nat(20);
const content = fc.constantFrom(...texts);
const at = fc.nat(1);
const step = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant("remember" as const),
      at,
      content,
      by: fc.option(by),
      author: fc.constantFrom(null, "Ann Lee", "maple"),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("rewrite" as const), at, target, content }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("correct" as const), at, target, content }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("forget" as const), at, target, purge: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("restore" as const), at, target }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("talk" as const), at, content, session: fc.nat(1) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("drop sessions" as const), at }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("prepare" as const), at, by }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("fill" as const), at, by, count: fc.nat(6) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("switch" as const), at, by }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("repair" as const), at }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("ask" as const), at, content }) },
);
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

const questionOf = async (engine: Engine, space: string, query: string): Promise<RecallQuery> => {
  const { model } = await engine.read(space).vectorState();
  const embedder = embedders.find((one) => one.model.id === model?.id) ?? embedders[0]!;
  const vector = await embedder.embedQuery(query);
  const now = Date.UTC(2030, 0, 1);
  return { query, vector, vectorModel: embedder.model.id, limit: 20, minRelevance: 0, include: "all", now };
};

const apply = async (engines: readonly Engine[], space: string, ids: string[], given: Step): Promise<void> => {
  const engine = engines[given.at]!;
  const writer = engine.write(space, alice);
  const id = "target" in given ? (ids[given.target % Math.max(1, ids.length)] ?? "nobody") : "nobody";
  const passing = async (work: Promise<unknown>): Promise<void> => void (await work.catch(() => undefined));
  const vectorsOf = async (text: string, embedder = embedders[0]!) =>
    (await embedder.embedPassages([{ content: text, author: null, occurredAt: null }]))[0] ?? [];
  switch (given.do) {
    case "remember": {
      const embedder = given.by === null ? undefined : embedders[given.by];
      const vectors = embedder === undefined ? [] : await vectorsOf(given.content, embedder);
      const vectorModel = embedder?.model.id ?? own.id;
      const { author } = given;
      const item = await itemOf({ content: given.content, author }, { vectors, vectorModel, skipDedup: true });
      ids.push(memoryOf((await writer.remember([item], false))[0]).id);
      return;
    }
    case "rewrite":
      return passing(writer.update({ id, fields: { content: given.content }, vectors: [] }));
    case "correct":
      return passing(
        writer.correct({ originalId: id, fields: { content: given.content }, vectors: await vectorsOf(given.content) }),
      );
    case "forget":
      return passing(writer.forget(id, { purge: given.purge }));
    case "restore":
      return passing(writer.restore(id));
    case "talk":
      await ingestInto(engine, space, `s${given.session}`, [
        { role: "user", content: given.content, at: 1_000 + ids.length, timed: true },
      ]);
      return;
    case "drop sessions":
      await writer.sweep({ now: 0, sessionsBefore: Date.now() + 1_000, purgeBefore: 0 });
      return;
    case "prepare":
      return writer.prepareModel(embedders[given.by]!.model);
    case "fill": {
      const embedder = embedders[given.by]!;
      const missing = await engine.read(space).missingVectors(given.count, embedder.model.id);
      const vectors = await embedder.embedPassages(missing.map(({ passage }) => passage));
      const items = missing.map(({ document }, index) => ({ document, vectors: vectors[index] ?? [] }));
      await writer.setVectors(embedder.model.id, items);
      return;
    }
    case "switch":
      await writer.switchModel(embedders[given.by]!.model.id);
      return;
    case "repair":
      await engine.repair(space);
      return;
    case "ask":
      await engine.read(space).recall(await questionOf(engine, space, given.content));
  }
};

describe("what servers keep of spaces", () => {
  let servers: Servers;
  beforeAll(async () => {
    servers = await makeServers();
  });
  afterAll(() => servers[Symbol.asyncDispose]());

  const answersAre = async (engines: readonly Engine[], space: string, like: Engine): Promise<void> => {
    for (const text of texts) {
      const question = await questionOf(like, space, text);
      const right = await like.read(space).recall(question);
      for (const [which, engine] of engines.entries())
        expect([which, text, await engine.read(space).recall(question)]).toEqual([which, text, right]);
    }
  };

  test("ENG-3 OPS-5 follows every history of other servers' writes to the same answers as what is read anew", async () => {
    const engines = [servers.open(), servers.open()];
    // Nobody writes on this one: it only follows. The next one keeps nothing, the last has no room for vectors.
    const following = servers.open();
    const forgetful = servers.open({ keptFrom: 1_000 });
    const cramped = servers.open({ vectorPoolBytes: 2 ** 16 });
    const run = fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 30 }), async (steps) => {
        const space = newId();
        const ids: string[] = [];
        for (const [index, given] of steps.entries()) {
          await apply(engines, space, ids, given);
          if (index % 3 === 0) await following.read(space).recall(await questionOf(following, space, texts[0]!));
        }
        await answersAre([...engines, following, cramped], space, forgetful);
        const findings = await forgetful.check(space);
        expect(findings.filter(({ code }) => code !== "vectors.missing")).toEqual([]);
        for (const engine of engines) await engine.drop(space);
      }),
      { numRuns: 15 },
    );
    await expect(run).resolves.toBeUndefined();
  }, 60_000);

  test("ENG-3 many questions at once, while others write, end where one alone does", async () => {
    const [writing, asking] = [servers.open(), servers.open({ connections: 8 })];
    const space = newId();
    const write = async (): Promise<void> => {
      for (let round = 0; round < 12; round++) {
        const words = Array.from({ length: 5 }, (_, index) => `q7r${round}n${index}`);
        const items = await Promise.all(words.map((word) => itemOf(textOf(word), { vectors: [], skipDedup: true })));
        await writing.write(space, alice).remember(items, true);
        const missing = await writing.read(space).missingVectors(100);
        const given = missing.map(({ document, passage }) => ({
          document,
          vectors: [meaningOf(passage.content.split(" ")[0]!)],
        }));
        await writing.write(space, alice).setVectors(own.id, given);
      }
    };
    const over = new AbortController();
    const ask = async (): Promise<void> => {
      while (!over.signal.aborted) await asking.read(space).recall(await questionOf(writing, space, texts[0]!));
    };
    await Promise.all([write().finally(() => over.abort()), ...Array.from({ length: 6 }, ask)]);
    await answersAre([asking], space, servers.open());
    for (let round = 0; round < 12; round++) {
      const vector = meaningOf(`q7r${round}n2`);
      const query = { ...(await questionOf(writing, space, "unheard")), vector, limit: 1, minRelevance: 0.2 };
      const { hits } = await asking.read(space).recall(query);
      expect(hits).toMatchObject([{ memory: { content: textOf(`q7r${round}n2`) } }]);
    }
  }, 30_000);

  test.each([
    { openSpaces: 2 },
    { indexBytes: 1 },
    { vectorPoolBytes: 2 ** 16 },
    { openSpaces: 1, vectorPoolBytes: 2 ** 18 },
    { keptFrom: 1_000 },
  ])(
    "ENG-3 EMB-6 gives the same answers with little memory, and gives all of it back: %j",
    async (options) => {
      const roomy = servers.open();
      const cramped: ThreadedEngine = servers.open(options);
      const spaces = Array.from({ length: 4 }, newId);
      const words = (space: number) => Array.from({ length: 120 }, (_, index) => `q7s${space}n${index}`);
      for (const [index, space] of spaces.entries()) {
        const items = await Promise.all(
          words(index).map((word) => itemOf(textOf(word), { vectors: [meaningOf(word)], skipDedup: true })),
        );
        await roomy.write(space, alice).remember(items, true);
      }
      for (let round = 0; round < 2; round++) {
        await Promise.all(
          spaces.map(async (space, index) => {
            for (const nth of [0, 60, 119]) {
              const word = words(index)[nth]!;
              const question: RecallQuery = {
                ...(await questionOf(roomy, space, "what was written of it")),
                vector: meaningOf(word),
              };
              const right = await roomy.read(space).recall(question);
              expect(right.hits[0]).toMatchObject({ memory: { content: textOf(word) } });
              expect(await cramped.read(space).recall(question)).toEqual(right);
            }
            const [outcome] = await cramped.write(space, alice).remember([await itemOf(`q7new${round} here`)], false);
            expect(memoryOf(outcome).version).toBe(1);
          }),
        );
      }
      for (const engine of [roomy, cramped]) {
        expect(engine.poolFigures().bytes).toBeLessThanOrEqual(engine.poolFigures().budget_bytes);
        await engine.close();
        expect(engine.poolFigures()).toMatchObject({ bytes: 0, sets: 0 });
      }
    },
    30_000,
  );

  test("ENG-3 a space that is dropped gives its memory back", async () => {
    const engine = servers.open();
    const space = newId();
    const items = await Promise.all(texts.map((text) => itemOf(text, { vectors: [meaningOf(text)], skipDedup: true })));
    await engine.write(space, alice).remember(items, true);
    await answersAre([engine], space, engine);
    expect(engine.poolFigures().sets).toBeGreaterThan(0);
    await engine.drop(space);
    expect(engine.poolFigures()).toMatchObject({ bytes: 0, sets: 0 });
  });
});
