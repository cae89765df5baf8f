/** Several servers on one database: what one has acknowledged the others know, and none gets in another's way. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { newId } from "@cairn/kernel/id";
import type { Engine } from "@cairn/memory/space/engine";
import type { RecallQuery } from "@cairn/memory/recall/query";
import { findLosses, nothingAcknowledged } from "@cairn/testing/crash/crash-round";
import { meaningOf, textOf } from "@cairn/testing/crash/marked-text";
import { changeModel, fillModel, meaningTo, twoModels } from "@cairn/testing/crash/two-models";
import { alice, along, engineEmbedder, ingestInto, itemOf, memoryOf } from "@cairn/testing/engine/world";
import { postgresOrSkip } from "@cairn/testing/postgres/postgres-or-skip";
import { makeServers, type Servers } from "@cairn/testing/postgres/servers";
import { until } from "./fixtures/until.ts";

const describe = await postgresOrSkip();

/** Of a word that only one text holds: by the word, or by what the text means. */
const asking = (
  query: string,
  vector: Float32Array = new Float32Array(64),
  more: Partial<RecallQuery> = {},
): RecallQuery => ({
  query,
  vector,
  limit: 3,
  minRelevance: 0.05,
  include: "memories",
  now: Date.now(),
  ...more,
});
const idsOf = async (engine: Engine, space: string, query: RecallQuery): Promise<readonly string[]> =>
  (await engine.read(space).recall(query)).hits.map((hit) =>
    hit.type === "memory" ? hit.memory.id : hit.chunk.chunkId,
  );

/** The log of a space has every position and every dot once. */
const logIsWhole = async (engine: Engine, space: string): Promise<void> => {
  const changes = await engine.read(space).changes(0, 1_000_000);
  const numbers = changes.map((_, at) => at + 1);
  expect(changes.map(({ seq }) => seq)).toEqual(numbers);
  expect(changes.map(({ dot }) => dot.counter)).toEqual(numbers);
  expect(new Set(changes.map(({ dot }) => dot.replica)).size).toBeLessThanOrEqual(1);
  expect(changes.map(({ clock }) => clock)).toEqual(changes.map(({ clock }) => clock).toSorted());
};

describe("several servers on one database", () => {
  let servers: Servers;
  beforeAll(async () => {
    servers = await makeServers();
  });
  afterAll(() => servers[Symbol.asyncDispose]());

  test("OPS-5 whatever a server has acknowledged is found by every other's next question, and the log has no gap", async () => {
    const engines = [servers.open(), servers.open(), servers.open({ keptFrom: 1_000 })];
    const spaces = [newId(), newId(), newId()];
    const acknowledged = nothingAcknowledged();
    let words = 0;
    const pick = <T>(list: readonly T[]): T => list[Math.floor(Math.random() * list.length)]!;

    const work = async (lane: number): Promise<void> => {
      const engine = engines[lane % engines.length]!;
      const own: { readonly space: string; readonly id: string }[] = [];
      const newWord = (): string => `q7l${lane}x${(words++).toString(36)}`;
      const itemWith = (word: string) => itemOf(textOf(word), { vectors: [meaningOf(word)] });
      const isFound = async (space: string, id: string, word: string): Promise<void> => {
        const other = pick(engines);
        expect(await idsOf(other, space, asking(word))).toEqual([id]);
        expect((await idsOf(other, space, asking("unheard", meaningOf(word))))[0]).toBe(id);
      };
      const remember = async (space: string, size: number, atomic: boolean): Promise<void> => {
        const some = Array.from({ length: size }, newWord);
        const items = await Promise.all(some.map(itemWith));
        const outcomes = await engine.write(space, alice).remember(items, atomic);
        for (const [at, outcome] of outcomes.entries()) {
          const { id } = memoryOf(outcome);
          acknowledged.stored.set(id, { space, word: some[at]! });
          own.push({ space, id });
        }
        await isFound(space, memoryOf(outcomes.at(-1)).id, some.at(-1)!);
      };
      const correct = async (): Promise<void> => {
        const target = own.splice(Math.floor(Math.random() * own.length), 1)[0];
        if (target === undefined) return;
        const { space, id: originalId } = target;
        const word = newWord();
        const correction = { originalId, fields: { content: textOf(word) }, vectors: [meaningOf(word)] };
        const { id } = await engine.write(space, alice).correct(correction);
        acknowledged.corrected.add(originalId);
        acknowledged.stored.set(id, { space, word });
        own.push({ space, id });
        await isFound(space, id, word);
      };
      const purge = async (): Promise<void> => {
        const target = own.splice(Math.floor(Math.random() * own.length), 1)[0];
        if (target === undefined) return;
        const { space, id } = target;
        const { word } = acknowledged.stored.get(id)!;
        await engine.write(space, alice).forget(id, { purge: true });
        acknowledged.stored.delete(id);
        expect(await idsOf(pick(engines), space, asking(word))).toEqual([]);
        expect(await pick(engines).read(space).get(id)).toBeNull();
      };
      const talk = async (space: string): Promise<void> => {
        const session = `session ${lane}`;
        const word = newWord();
        const content = textOf(word);
        await ingestInto(engine, space, session, [{ role: "user", content, at: 1_000 + words, timed: true }]);
        acknowledged.heard.push({ space, session, word });
        expect(await idsOf(pick(engines), space, asking(word, undefined, { include: "sessions" }))).toHaveLength(1);
      };
      const sweep = (space: string) =>
        engine.write(space, alice).sweep({ now: Date.now(), sessionsBefore: 0, purgeBefore: Date.now() - 1_000_000 });

      for (let turn = 0; turn < 10; turn++) {
        const space = pick(spaces);
        const dice = Math.random();
        if (dice < 0.4) await remember(space, 1, false);
        else if (dice < 0.5) await remember(space, 12, true);
        else if (dice < 0.55) await remember(space, 70, false);
        else if (dice < 0.75) await correct();
        else if (dice < 0.85) await purge();
        else if (dice < 0.95) await talk(space);
        else await sweep(space);
      }
    };
    await Promise.all([0, 1, 2, 3, 4, 5].map(work));
    const fresh = servers.open();
    expect(await findLosses(fresh, spaces, acknowledged)).toEqual([]);
    for (const space of spaces) {
      await logIsWhole(fresh, space);
      const { items } = await fresh.read(space).list({ limit: 1_000 });
      const live = [...acknowledged.stored].filter(([id, at]) => at.space === space && !acknowledged.corrected.has(id));
      expect(new Set(items.map(({ id }) => id))).toEqual(new Set(live.map(([id]) => id)));
      // What followed every write answers as what was read in one go does.
      for (const [, { word }] of live.slice(0, 8)) {
        for (const question of [asking(word), asking(`what was ${word} written`, meaningOf(word), { limit: 10 })]) {
          const { hits, total } = await fresh.read(space).recall(question);
          for (const engine of engines) {
            const answer = await engine.read(space).recall(question);
            expect([answer.total, answer.hits]).toEqual([total, hits]);
          }
        }
      }
    }
  }, 60_000);

  test("MEM-2 OPS-5 a named key stays one memory, and no update of it is lost, whichever servers race for it", async () => {
    const engines = [servers.open(), servers.open(), servers.open()];
    const space = newId();
    const item = async (at: number) => itemOf({ content: `Counted to ${at}`, key: "counter", metadata: { at } });
    // All servers find no memory of that name, and all want to make it.
    const made = await Promise.all(
      engines.map(async (engine) => engine.write(space, alice).remember([await item(0)], true)),
    );
    expect(made.map(([outcome]) => outcome!.status).toSorted()).toEqual(["stored", "updated", "updated"]);
    let conflicts = 0;
    const count = async (engine: Engine): Promise<void> => {
      for (let done = 0; done < 12;) {
        const [current] = (await engine.read(space).list({ key: "counter", limit: 2 })).items;
        const at = (current!.metadata as { readonly at: number }).at;
        const { fields, ...rest } = await item(at + 1);
        const [outcome] = await engine
          .write(space, alice)
          .remember([{ ...rest, fields, expectedVersion: current!.version }], true)
          .catch((error: unknown) => {
            expect(error).toMatchObject({ code: "memory.batch_rejected" });
            return [null];
          });
        if (outcome === null) conflicts++;
        else done++;
      }
    };
    await Promise.all(engines.map(count));
    const { items } = await engines[0]!.read(space).list({ limit: 10 });
    expect(items).toMatchObject([{ key: "counter", version: 3 + 36, metadata: { at: 36 } }]);
    expect(conflicts).toBeGreaterThan(0);
    await logIsWhole(engines[1]!, space);
    expect(await engines[2]!.check(space)).toEqual([]);
  }, 30_000);

  test("MEM-9 OPS-5 a transcript that two servers are given at once is stored once", async () => {
    const engines = [servers.open(), servers.open()];
    const space = newId();
    const messages = Array.from({ length: 30 }, (_, at) => ({
      role: at % 2 === 0 ? "user" : "assistant",
      content: `${textOf(`q7m${at}`)}. `.repeat(4),
      at: 1_000 + at,
      timed: true,
    }));
    await Promise.all(
      [10, 20, 30, 20].map((count, at) => ingestInto(engines[at % 2]!, space, "s", messages.slice(0, count))),
    );
    for (const engine of engines) {
      const stored = await engine.read(space).sessionMessages("s", 0, 100);
      expect(stored.map(({ content }) => content)).toEqual(messages.map(({ content }) => content));
      for (const at of [0, 9, 10, 29]) {
        const question = asking(`q7m${at}`, undefined, { include: "sessions", limit: 1 });
        const { hits } = await engine.read(space).recall(question);
        expect(hits).toMatchObject([{ chunk: { content: expect.stringContaining(`q7m${at} `) as unknown } }]);
      }
    }
    expect(await engines[0]!.check(space)).toEqual([]);
  });

  test("EMB-6 OPS-5 no server compares with another model's vectors while one changes it and others write", async () => {
    const [changing, writing, reading] = [servers.open(), servers.open(), servers.open()];
    const space = newId();
    const stored = new Map<string, string>();
    const store = async (at: number): Promise<void> => {
      const content = textOf(`q7t${at}`);
      const model = twoModels[at % 3];
      const vectors = model === undefined ? [] : [meaningTo(model.id, content)];
      const item = await itemOf(content, { vectors, vectorModel: (model ?? twoModels[0]).id });
      const [outcome] = await writing.write(space, alice).remember([item], false);
      stored.set(memoryOf(outcome).id, content);
    };
    for (let at = 0; at < 30; at++) await store(at);
    await fillModel(writing, space, engineEmbedder.model.id);
    let asked = 0;
    const over = new AbortController();
    const ask = async (): Promise<void> => {
      const known = [...stored];
      for (let at = 0; !over.signal.aborted; at++) {
        const [id, content] = known[at % known.length]!;
        const model = twoModels[at % 2]!;
        const question = asking("unheard", meaningTo(model.id, content), { vectorModel: model.id, limit: 1 });
        const answer = await reading.read(space).recall({ ...question, minRelevance: 0.2 });
        const found = answer.hits.map((hit) => (hit.type === "memory" ? hit.memory.id : ""));
        // Only what has a vector of the model by then can be found, and all that was there before the change has.
        expect([answer.model?.id, found]).toEqual([answer.model?.id, answer.model?.id === model.id ? [id] : []]);
        asked++;
      }
    };
    const change = async (): Promise<void> => {
      for (let turn = 1; turn <= 6; turn++) {
        const model = twoModels[turn % 2]!;
        while (!(await changeModel(changing, space, model)));
        const before = asked;
        await until(() => asked >= before + 4);
      }
    };
    const write = async (): Promise<void> => {
      for (let at = 100; at < 130; at++) await store(at);
    };
    const questions = Promise.all([ask(), ask()]).finally(() => over.abort());
    await Promise.all([Promise.all([change(), write()]).finally(() => over.abort()), questions]);
    for (const engine of [changing, writing, reading]) {
      await fillModel(engine, space, twoModels[0].id);
      expect(await engine.check(space)).toEqual([]);
      for (const [id, content] of [...stored].slice(0, 40))
        expect(
          await idsOf(engine, space, asking("unheard", meaningTo(twoModels[0].id, content), { limit: 1 })),
        ).toEqual([id]);
    }
  }, 60_000);

  test("ENG-3 a space that is dropped and made anew is read anew by every server", async () => {
    const [one, other] = [servers.open(), servers.open()];
    const space = newId();
    const store = async (content: string, axis: number) =>
      memoryOf((await one.write(space, alice).remember([await itemOf(content, { vectors: [along(axis)] })], true))[0]);
    const near = (axis: number) => idsOf(other, space, asking("unheard", along(axis), { minRelevance: 0.2 }));
    for (let life = 0; life < 3; life++) {
      const { id } = await store("The otter swims upstream", life);
      await store("A cormorant dries its wings", life + 10);
      expect(await idsOf(other, space, asking("otter"))).toEqual([id]);
      expect(await near(life)).toEqual([id]);
      await one.drop(space);
      expect(await other.read(space).recall(asking("otter", along(life)))).toMatchObject({ hits: [], total: 0 });
      const again = await store("The heron stands in the reeds", life + 20);
      expect(await near(life + 20)).toEqual([again.id]);
      expect(await near(life)).toEqual([]);
      expect(await idsOf(other, space, asking("otter"))).toEqual([]);
      await one.drop(space);
    }
  });

  test("ENG-3 OPS-5 a space that is dropped while others write to it is a whole one whenever it is there", async () => {
    const [dropping, writing, changing] = [servers.open(), servers.open(), servers.open()];
    const space = newId();
    const over = new AbortController();
    let written = 0;
    const write = async (engine: Engine): Promise<void> => {
      while (!over.signal.aborted) {
        const words = Array.from({ length: 6 }, () => `q7d${(written++).toString(36)}`);
        const items = await Promise.all(
          words.map((word, at) =>
            itemOf(textOf(word), at % 2 === 0 ? { vectors: [] } : { vectors: [meaningOf(word)] }),
          ),
        );
        const outcomes = await engine.write(space, alice).remember(items, true);
        const { id } = memoryOf(outcomes[0]);
        // What is gone with its space is not found.
        await engine
          .write(space, alice)
          .update({ id, fields: { importance: 1 } })
          .catch((error: unknown) => expect(error).toMatchObject({ code: "memory.not_found" }));
        await fillModel(engine, space, engineEmbedder.model.id);
        await ingestInto(engine, space, "s", [{ role: "user", content: textOf(words[0]!), at: written, timed: true }]);
        await engine.read(space).recall(asking(words[1]!));
      }
    };
    const drop = async (): Promise<void> => {
      for (let round = 0; round < 8; round++) {
        const before = written;
        await until(() => written >= before + 12);
        await dropping.drop(space);
      }
    };
    await Promise.all([drop().finally(() => over.abort()), write(writing), write(changing)]);
    expect((await changing.check(space)).filter(({ code }) => code !== "vectors.missing")).toEqual([]);
    await dropping.drop(space);
    const left = await servers.database.run<{ name: string }>(
      "SELECT c.relname AS name FROM pg_class c WHERE c.relnamespace = 'cairn'::regnamespace AND c.relkind = 'r'",
    );
    for (const { name } of left.filter((table) => table.name !== "migrations"))
      expect([
        name,
        await servers.database.run(`SELECT 1 FROM cairn.${name} t WHERE to_jsonb(t) ->> 'space' = '${space}'`),
      ]).toEqual([name, []]);
  }, 30_000);
});
