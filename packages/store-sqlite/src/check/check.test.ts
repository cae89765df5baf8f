import { readFileSync, writeFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Engine } from "@cairn/memory/space/engine";
import { along, alice, embed, engineEmbedder, ingestInto, itemOf, memoryOf } from "@cairn/testing/engine/world";
import { makeSpaceFiles, type SpaceFiles } from "@cairn/testing/sqlite/space-files";

const texts = ["The otter swims upstream", "Ann Lee works at Initech Corporation", "A cormorant dries its wings"];

/** A space with memories, a correction, a deletion, a session and knowledge, its engine closed. */
const fill = async ({ open, space }: SpaceFiles): Promise<void> => {
  const engine = open();
  const writer = engine.write(space, alice);
  const items = await Promise.all(texts.map((content, at) => itemOf({ content, tags: [`t${at}`] })));
  const [otter] = await writer.remember(items, true);
  const extra = await writer.remember([await itemOf("To be deleted"), await itemOf("To be corrected")], true);
  await writer.forget(memoryOf(extra[0]).id, { purge: false });
  const content = "Corrected by now";
  await writer.correct({ originalId: memoryOf(extra[1]).id, fields: { content }, vectors: await embed(content) });
  await writer.update({ id: memoryOf(otter).id, fields: { importance: 1 } });
  await ingestInto(engine, space, "s", [
    { role: "user", content: "The heron stands in the reeds", at: 1, timed: true },
  ]);
  await engine.close();
};

const recall = async (
  engine: Engine,
  space: string,
  query: string,
  vector: Float32Array,
  include: "memories" | "sessions" = "memories",
  vectorModel = engineEmbedder.model.id,
) => {
  const { hits } = await engine
    .read(space)
    .recall({ query, vector, vectorModel, limit: 5, minRelevance: 0.2, include, now: Date.now() });
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

const memory = "(SELECT row FROM memories WHERE content LIKE 'The otter%')";
const doc = "(SELECT doc FROM memories WHERE content LIKE 'The otter%')";
const chunk = "(SELECT doc FROM session_chunks)";

/** Damage by hand, and whether vectors are lost by it for the caller to make again. */
const damages: readonly (readonly [code: string, sql: string, losesVectors?: true])[] = [
  ["index.missing", `DELETE FROM docs WHERE n = ${doc}`],
  ["index.missing", `UPDATE docs SET entry = NULL WHERE n = ${doc}`],
  ["index.missing", `UPDATE docs SET to_at = 5 WHERE n = ${doc}`],
  ["index.missing", `UPDATE memories SET doc = 0 WHERE row = ${memory}`, true],
  ["index.missing", `DELETE FROM docs WHERE n = ${chunk}`],
  ["index.missing", `UPDATE docs SET to_at = 5 WHERE n = ${chunk}`],
  ["index.stray", "UPDATE docs SET to_at = NULL WHERE to_at > 0"],
  ["index.damaged", `UPDATE docs SET entry = x'00' WHERE n = ${doc}`],
  ["index.damaged", `UPDATE docs SET entry = x'' WHERE n = ${doc}`],
  ["index.damaged", `UPDATE docs SET entry = substr(entry, 1, length(entry) - 3) WHERE n = ${doc}`],
  ["index.damaged", `UPDATE docs SET entry = CAST(entry || x'ffffffff' AS BLOB) WHERE n = ${doc}`],
  [
    "index.damaged",
    `UPDATE docs SET entry = CAST(substr(entry, 1, 26) || x'ffffffff7fffffffff7fffffffff7fffffffff7f' AS BLOB) WHERE n = ${doc}`,
  ],
  ["index.damaged", `UPDATE docs SET entry = substr(entry, 1, 30) WHERE n = ${chunk}`],
  ["index.damaged", "DELETE FROM names WHERE name IN ('otter', 'heron')"],
  ["vectors.lost", `DELETE FROM q8 WHERE id / 1024 = ${doc}; DELETE FROM v WHERE id / 1024 = ${doc}`, true],
  ["vectors.unequal", `DELETE FROM q8 WHERE id / 1024 = ${doc}`, true],
  ["vectors.unequal", `DELETE FROM v WHERE id / 1024 = ${doc}`, true],
  ["vectors.stray", "INSERT INTO q8 VALUES (999999999, 1, x'00'); INSERT INTO v VALUES (999999999, x'00')"],
  ["vectors.misshapen", `UPDATE q8 SET bytes = x'0102' WHERE id / 1024 = ${doc}`, true],
  ["vectors.misshapen", `UPDATE v SET f32 = x'00000000' WHERE id / 1024 = ${doc}`, true],
  ["vectors.misnoted", `INSERT INTO awaiting_vectors VALUES (0, 0, ${doc})`],
  ["vectors.misnoted", "INSERT INTO awaiting_vectors VALUES (1, 0, 1)"],
  ["vectors.misnoted", "INSERT INTO awaiting_vectors VALUES (0, 2, 4711)"],
  ["vectors.misnoted", "INSERT INTO wordless VALUES (0, 1), (0, 4711)"],
  ["tags.unequal", "DELETE FROM memory_tags"],
  ["tags.unequal", "UPDATE memory_tags SET tag = 'other' WHERE tag = 't1'"],
  ["knowledge.stray", "INSERT INTO mentions SELECT id, 4711 FROM entities"],
  ["knowledge.stray", "DELETE FROM mentions"],
  ["knowledge.stray", "INSERT INTO conflicts VALUES (1, 4711)"],
];

describe("check and repair", () => {
  test("ENG-1 finds nothing where nothing is wrong, and repairs nothing", async () => {
    await using files = makeSpaceFiles();
    await fill(files);
    const engine = files.open();
    expect(await engine.check(files.space)).toEqual([]);
    expect(await engine.repair(files.space)).toEqual([]);
    await everythingIsFound(engine, files.space);
  });

  test.each(damages.map(([code, sql, losesVectors = false]) => ({ code, sql, losesVectors })))(
    "ENG-1 finds $code and mends it: $sql",
    async ({ code, sql, losesVectors }) => {
      await using files = makeSpaceFiles();
      await fill(files);
      files.tamper(sql);
      const engine = files.open();
      const found = await engine.check(files.space);
      expect(found).toContainEqual(expect.objectContaining({ code, repairable: true }));
      await engine.read(files.space).stats();
      await recall(engine, files.space, "otter", along(1));
      const left = await engine.repair(files.space);
      expect(left.map((finding) => finding.code)).toEqual(losesVectors ? ["vectors.missing"] : []);
      await fillMissing(engine, files.space);
      expect(await engine.check(files.space)).toEqual([]);
      await everythingIsFound(engine, files.space);
      await engine.close();
      const reopened = files.open();
      expect(await reopened.check(files.space)).toEqual([]);
      await everythingIsFound(reopened, files.space);
      const [vector] = await embed(texts[0]!);
      expect(await recall(reopened, files.space, "unheard", vector!)).toContain(texts[0]);
    },
  );

  test("ENG-1 says so when the file itself is damaged, and lives", async () => {
    await using files = makeSpaceFiles();
    await fill(files);
    const whole = readFileSync(files.file);
    for (const at of [0, 20, 100, 4_096, 4_100]) {
      writeFileSync(files.file, Buffer.from(whole).fill(0xa5, at, at + 64));
      const engine = files.open();
      const findings = await engine.check(files.space);
      expect({ at, codes: findings.map(({ code }) => code) }).toEqual({ at, codes: ["storage.corrupt"] });
      const outcome = engine.write(files.space, alice).remember([await itemOf("still alive")], false);
      await outcome.catch((error: unknown) => expect(error).toMatchObject({ code: "storage.corrupt" }));
      await engine.close();
    }
    writeFileSync(files.file, whole);
    expect(await files.open().check(files.space)).toEqual([]);
  });

  test("ENG-1 answers, or says that the file is damaged, whatever byte of it is wrong", async () => {
    await using files = makeSpaceFiles();
    await fill(files);
    const whole = readFileSync(files.file);
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.length - 8), fc.uint8Array({ minLength: 1, maxLength: 8 }), async (at, noise) => {
        const spoilt = Buffer.from(whole);
        spoilt.set(noise, at);
        writeFileSync(files.file, spoilt);
        const engine = files.open();
        const codes = (await engine.check(files.space)).map(({ code }) => code);
        expect(codes).not.toContain("internal");
        const calls = [
          () => recall(engine, files.space, "otter", along(1)),
          () => engine.read(files.space).list({ limit: 10 }),
          () => engine.read(files.space).changes(0, 10),
          async () => engine.write(files.space, alice).remember([await itemOf("still alive")], false),
        ];
        for (const call of calls) {
          await call().catch((error: unknown) => expect(error).toMatchObject({ code: "storage.corrupt" }));
        }
        await engine.close();
      }),
      { numRuns: 60 },
    );
  }, 60_000);

  test("ENG-1 a file that is no database is a finding", async () => {
    await using files = makeSpaceFiles();
    await fill(files);
    writeFileSync(files.file, "not a database at all, but long enough to be looked at as one ".repeat(100));
    const engine = files.open();
    expect(await engine.check(files.space)).toMatchObject([{ code: "storage.corrupt", repairable: false }]);
    await expect(engine.read(files.space).stats()).rejects.toMatchObject({ code: "storage.corrupt" });
  });

  test("EMB-6 repair leaves a space its own model, and its vectors to the job that makes them", async () => {
    await using files = makeSpaceFiles();
    await fill(files);
    const model = { ...engineEmbedder.model, id: "another@1" };
    const engine = files.open({ model });
    expect(await engine.check(files.space)).toEqual([]);
    await engine.write(files.space, alice).remember([await itemOf("Written meanwhile")], false);
    expect((await engine.check(files.space)).map(({ code }) => code)).toEqual(["vectors.missing"]);
    expect((await engine.repair(files.space)).map(({ code }) => code)).toEqual(["vectors.missing"]);
    expect(await engine.read(files.space).vectorState()).toMatchObject({ model: engineEmbedder.model, missing: 1 });
    await fillMissing(engine, files.space);
    expect(await engine.check(files.space)).toEqual([]);
    const [vector] = await embed(texts[0]!);
    const { id } = engineEmbedder.model;
    expect(await recall(engine, files.space, "unheard", vector!, "memories", id)).toEqual([texts[0]]);
  });

  test("EMB-6 of two engines on one folder with two models, a new space is of the first one's", async () => {
    await using files = makeSpaceFiles();
    const another = { ...engineEmbedder.model, id: "another@1" };
    const engines = [files.open(), files.open({ model: another })];
    await Promise.all(
      engines.map(async (engine, at) =>
        engine.write(files.space, alice).remember([await itemOf(`number ${at}`)], false),
      ),
    );
    const states = await Promise.all(engines.map((engine) => engine.read(files.space).vectorState()));
    expect(states[0]).toEqual(states[1]);
    expect(states[0]).toMatchObject({ documents: 2, missing: 1, next: null });
  });

  test("ENG-1 two engines that open a new space at once lose no vector", async () => {
    for (let round = 0; round < 5; round++) {
      await using files = makeSpaceFiles();
      const engines = [files.open({ threads: 1 }), files.open({ threads: 1 }), files.open({ threads: 1 })];
      await Promise.all(
        engines.map(async (engine, at) =>
          engine.write(files.space, alice).remember([await itemOf(`parallel ${at}`)], false),
        ),
      );
      expect(await engines[0]!.check(files.space)).toEqual([]);
    }
  });
});
