import { afterAll, beforeAll, expect, test } from "vitest";
import { newId } from "@cairn/kernel/id";
import type { Engine } from "@cairn/memory/space/engine";
import { along, alice, embed, engineEmbedder, ingestInto, itemOf, memoryOf } from "@cairn/testing/engine/world";
import { makeDatabase, postgresOrSkip, type TestDatabase } from "@cairn/testing/postgres/postgres-or-skip";
import { openPostgresEngine, type PostgresEngineOptions } from "../engine.ts";
import { migrateMemory } from "../migrate.ts";

const describe = await postgresOrSkip();

const texts = ["The otter swims upstream", "Ann Lee works at Initech Corporation", "A cormorant dries its wings"];

/** Memories, a correction, a deletion, a session and knowledge. */
const fill = async (engine: Engine, space: string): Promise<void> => {
  const writer = engine.write(space, alice);
  const items = await Promise.all(
    texts.map((content, at) => itemOf({ content, tags: [`t${at}`], author: at === 0 ? "Otter Brown" : null })),
  );
  const [otter] = await writer.remember(items, true);
  const extra = await writer.remember([await itemOf("To be deleted"), await itemOf("To be corrected")], true);
  await writer.forget(memoryOf(extra[0]).id, { purge: false });
  const content = "Corrected by now";
  await writer.correct({ originalId: memoryOf(extra[1]).id, fields: { content }, vectors: await embed(content) });
  await writer.update({ id: memoryOf(otter).id, fields: { importance: 1 } });
  await ingestInto(engine, space, "s", [
    { role: "user", content: "The heron stands in the reeds", at: 1, timed: true },
  ]);
};

const recall = async (
  engine: Engine,
  space: string,
  query: string,
  vector: Float32Array,
  include: "memories" | "sessions" = "memories",
) => {
  const { hits } = await engine.read(space).recall({
    query,
    vector,
    vectorModel: engineEmbedder.model.id,
    limit: 5,
    minRelevance: 0.2,
    include,
    now: Date.now(),
  });
  return hits.map((hit) => (hit.type === "memory" ? hit.memory.content : hit.chunk.content));
};

/** What `cairn doctor --repair` does, and the job of a server. */
const fillMissing = async (engine: Engine, space: string): Promise<void> => {
  const missing = await engine.read(space).missingVectors(100);
  const items = await Promise.all(
    missing.map(async ({ document, passage }) => ({ document, vectors: await embed(passage.content) })),
  );
  await engine.write(space, alice).setVectors(engineEmbedder.model.id, items);
};

const everythingIsFound = async (engine: Engine, space: string): Promise<void> => {
  const nothing = new Float32Array(64);
  expect(await recall(engine, space, "otter upstream", nothing)).toEqual([texts[0]]);
  expect(await recall(engine, space, "cormorant", nothing)).toEqual([texts[2]]);
  expect(await recall(engine, space, "heron", nothing, "sessions")).toEqual(["user: The heron stands in the reeds"]);
  expect(await recall(engine, space, "corrected", nothing)).toEqual(["Corrected by now"]);
  const page = await engine.read(space).list({ tags: ["t1"], limit: 5 });
  expect(page.items.map(({ content }) => content)).toEqual([texts[1]]);
};

/** In these, $ is the space. */
const memory = "(SELECT row FROM memories WHERE space = $ AND content LIKE 'The otter%')";
const doc = "(SELECT doc FROM memories WHERE space = $ AND content LIKE 'The otter%')";
const chunk = "(SELECT doc FROM session_chunks WHERE space = $)";
const ofDoc = `space = $ AND doc = ${doc}`;
const unchecked = (sql: string): string => `SET session_replication_role = replica; ${sql}`;

/** Damage by hand, and whether vectors are lost by it for the caller to make again. */
const damages: readonly (readonly [code: string, sql: string, losesVectors?: true])[] = [
  ["index.missing", `DELETE FROM docs WHERE space = $ AND n = ${doc}`],
  ["index.missing", unchecked(`DELETE FROM docs WHERE space = $ AND n = ${doc}`)],
  ["index.missing", `UPDATE docs SET entry = NULL WHERE space = $ AND n = ${doc}`],
  ["index.missing", `UPDATE docs SET to_at = 5 WHERE space = $ AND n = ${doc}`],
  ["index.missing", `UPDATE memories SET doc = 0 WHERE space = $ AND row = ${memory}`, true],
  ["index.missing", unchecked(`DELETE FROM docs WHERE space = $ AND n = ${chunk}`)],
  ["index.missing", `UPDATE docs SET to_at = 5 WHERE space = $ AND n = ${chunk}`],
  ["index.missing", `UPDATE docs SET entry = NULL WHERE space = $ AND n = ${chunk}`],
  ["index.stray", "UPDATE docs SET to_at = NULL WHERE space = $ AND to_at > 0"],
  ["index.damaged", `UPDATE docs SET entry = '\\x00' WHERE space = $ AND n = ${doc}`],
  ["index.damaged", `UPDATE docs SET entry = '' WHERE space = $ AND n = ${doc}`],
  ["index.damaged", `UPDATE docs SET entry = substr(entry, 1, length(entry) - 3) WHERE space = $ AND n = ${doc}`],
  ["index.damaged", `UPDATE docs SET entry = entry || '\\xffffffff' WHERE space = $ AND n = ${doc}`],
  [
    "index.damaged",
    `UPDATE docs SET entry = substr(entry, 1, 26) || '\\xffffffff7fffffffff7fffffffff7fffffffff7f' WHERE space = $ AND n = ${doc}`,
  ],
  ["index.damaged", `UPDATE docs SET entry = substr(entry, 1, 30) WHERE space = $ AND n = ${chunk}`],
  ["index.damaged", "DELETE FROM names WHERE space = $ AND name IN ('otter', 'heron')"],
  ["vectors.lost", `DELETE FROM q8 WHERE ${ofDoc}; DELETE FROM f32 WHERE ${ofDoc}`, true],
  ["vectors.unequal", `DELETE FROM q8 WHERE ${ofDoc}`, true],
  ["vectors.unequal", `DELETE FROM f32 WHERE ${ofDoc}`, true],
  [
    "vectors.stray",
    unchecked("INSERT INTO q8 VALUES ($, 1, 9999, 0, 1, '\\x00'); INSERT INTO f32 VALUES ($, 1, 9999, 0, '\\x00')"),
  ],
  ["vectors.stray", `INSERT INTO q8 VALUES ($, 77, ${doc}, 0, 1, '\\x00')`],
  ["vectors.misshapen", `UPDATE q8 SET bytes = '\\x0102' WHERE ${ofDoc}`, true],
  ["vectors.misshapen", `UPDATE f32 SET bytes = '\\x00000000' WHERE ${ofDoc}`, true],
  ["vectors.misnoted", `INSERT INTO awaiting_vectors VALUES ($, 1, 0, ${doc})`],
  ["vectors.misnoted", `INSERT INTO awaiting_vectors VALUES ($, 77, 0, ${doc})`],
  ["vectors.misnoted", unchecked("INSERT INTO awaiting_vectors VALUES ($, 1, 2, 4711)")],
  ["vectors.misnoted", unchecked(`INSERT INTO wordless VALUES ($, 1, ${doc}), ($, 1, 4711)`)],
  [
    "vectors.misnoted",
    `DELETE FROM q8 WHERE ${ofDoc}; DELETE FROM f32 WHERE ${ofDoc};
     INSERT INTO awaiting_vectors VALUES ($, 1, 0, ${doc}), ($, 1, 2, ${doc}); INSERT INTO wordless VALUES ($, 1, ${doc})`,
    true,
  ],
  ["tags.unequal", "DELETE FROM memory_tags WHERE space = $"],
  ["tags.unequal", "UPDATE memory_tags SET tag = 'other' WHERE space = $ AND tag = 't1'"],
  ["tags.unequal", `INSERT INTO memory_tags VALUES ($, 'more', ${memory})`],
  [
    "knowledge.stray",
    unchecked("INSERT INTO mentions SELECT $, id, 4711 FROM entities WHERE space = $ ORDER BY id LIMIT 1"),
  ],
  [
    "knowledge.stray",
    "INSERT INTO claims SELECT $, 'a', 'b', row, 'c', false FROM memories WHERE space = $ AND state = 2",
  ],
  ["knowledge.stray", "DELETE FROM mentions WHERE space = $"],
  ["knowledge.stray", unchecked("INSERT INTO conflicts VALUES ($, 1, 4711)")],
  [
    "counters.wrong",
    "UPDATE space_state SET last_row = 1, last_doc = 1, last_name = 3, last_entity = 0 WHERE space = $",
  ],
  ["counters.wrong", "UPDATE space_state SET seq = 1, counter = 1, clock = NULL WHERE space = $"],
  ["counters.wrong", "UPDATE space_state SET texts = 99 WHERE space = $"],
  ["index.analyzer_changed", "UPDATE space_state SET analyzer = '0' WHERE space = $"],
];

describe("check and repair", () => {
  let database: TestDatabase;
  const engines: Engine[] = [];
  beforeAll(async () => {
    database = await makeDatabase();
    await migrateMemory({ url: database.url });
  });
  afterAll(async () => {
    await Promise.all(engines.map((engine) => engine.close()));
    await database.drop();
  });
  const open = (options: Partial<PostgresEngineOptions> = {}): Engine => {
    const engine = openPostgresEngine({
      url: database.url,
      model: engineEmbedder.model,
      threads: 0,
      connections: 3,
      keptFrom: 0,
      ...options,
    });
    engines.push(engine);
    return engine;
  };
  const filled = async (engine: Engine): Promise<string> => {
    const space = newId();
    await fill(engine, space);
    return space;
  };
  const tamper = (space: string, sql: string) =>
    database.run(`SET search_path = cairn; ${sql.replaceAll("$", () => `'${space}'`)}`);

  test("ENG-3 finds nothing where nothing is wrong, and repairs nothing", async () => {
    const engine = open();
    const space = await filled(engine);
    expect(await engine.check(space)).toEqual([]);
    expect(await engine.repair(space)).toEqual([]);
    await everythingIsFound(engine, space);
    const changes = await engine.read(space).changes(0, 100);
    expect(changes.filter(({ kind }) => kind === "repair")).toHaveLength(1);
    expect(await engine.check(newId())).toEqual([]);
  });

  test("ENG-3 finds every kind of damage and mends it, and a server that has read the damage goes on", async () => {
    const [engine, other] = [open(), open()];
    for (const [code, sql, losesVectors = false] of damages) {
      const space = await filled(engine);
      await recall(other, space, "otter", along(1));
      await tamper(space, sql);
      const found = await engine.check(space);
      expect([sql, found]).toEqual([
        sql,
        expect.arrayContaining([expect.objectContaining({ code, repairable: true }) as unknown]),
      ]);
      await recall(engine, space, "otter", along(1));
      const left = await engine.repair(space);
      expect([sql, left.map((finding) => finding.code)]).toEqual([sql, losesVectors ? ["vectors.missing"] : []]);
      await fillMissing(engine, space);
      expect([sql, await engine.check(space)]).toEqual([sql, []]);
      await everythingIsFound(engine, space);
      await everythingIsFound(other, space);
      const [vector] = await embed(texts[0]!);
      expect([sql, await recall(engine, space, "unheard", vector!)]).toEqual([sql, expect.arrayContaining([texts[0]])]);
      const [stored] = await engine.write(space, alice).remember([await itemOf("The pike waits")], false);
      expect(memoryOf(stored).content).toBe("The pike waits");
      expect([sql, await engine.check(space)]).toEqual([sql, []]);
    }
  }, 60_000);

  test("ENG-3 counts an author whose name has lost a word as found again under it", async () => {
    const engine = open();
    const space = await filled(engine);
    await tamper(space, "DELETE FROM names WHERE space = $ AND name = 'brown'");
    expect(await engine.repair(space)).toEqual([]);
    const author = { author: "Otter Brown", limit: 5, minRelevance: 0, include: "memories" as const, now: Date.now() };
    const { hits } = await engine.read(space).recall({ query: "upstream", vector: along(1), ...author });
    expect(hits).toHaveLength(1);
    expect(await recall(open(), space, "what did brown say", new Float32Array(64))).toEqual([texts[0]]);
  });

  test("EMB-6 repair leaves a space its own model, and its vectors to the job that makes them", async () => {
    const engine = open();
    const space = await filled(engine);
    const another = open({ model: { ...engineEmbedder.model, id: "another@1" } });
    expect(await another.check(space)).toEqual([]);
    await another.write(space, alice).remember([await itemOf("Written meanwhile")], false);
    expect((await another.check(space)).map(({ code }) => code)).toEqual(["vectors.missing"]);
    expect((await another.repair(space)).map(({ code }) => code)).toEqual(["vectors.missing"]);
    expect(await another.read(space).vectorState()).toMatchObject({ model: engineEmbedder.model, missing: 1 });
    await fillMissing(another, space);
    expect(await engine.check(space)).toEqual([]);
  });

  test("ENG-3 what a change of model has left over is no damage", async () => {
    const engine = open();
    const space = await filled(engine);
    const writer = engine.write(space, alice);
    await writer.prepareModel({ ...engineEmbedder.model, id: "another@1" });
    const findings = await engine.check(space);
    expect(findings).toEqual([]);
    await tamper(
      space,
      "UPDATE space_state SET next_model = NULL, next_generation = NULL, next_dimensions = NULL, next_provider = NULL WHERE space = $",
    );
    expect(await engine.check(space)).toEqual([]);
    expect(await engine.repair(space)).toEqual([]);
  });

  test("ENG-3 mends what is wrong with thousands of texts some at a time", async () => {
    const engine = open();
    const space = newId();
    const items = await Promise.all(
      Array.from({ length: 450 }, (_, at) => itemOf(`number${at} of many`, { skipDedup: true })),
    );
    await engine.write(space, alice).remember(items, true);
    await tamper(space, "UPDATE docs SET to_at = 5 WHERE space = $; DELETE FROM q8 WHERE space = $ AND doc % 2 = 0");
    expect((await engine.repair(space)).map(({ code, message }) => [code, message])).toEqual([
      ["vectors.missing", expect.stringContaining("450")],
    ]);
    expect(await recall(engine, space, "number444", new Float32Array(64))).toEqual(["number444 of many"]);
  });
});
