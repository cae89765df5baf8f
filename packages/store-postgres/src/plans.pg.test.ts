/**
 * Every statement of writes and recalls, as PostgreSQL plans it for the application's role under row-level security,
 * where one space is large and hundreds are tiny. An engine does all it can in a small space while what it sends is
 * written down; what of it runs in the large one is planned there.
 */
import { newId } from "@cairn/kernel/id";
import { makeNote } from "@cairn/testing/audit-note";
import {
  along,
  alice,
  type Draft,
  embed,
  engineEmbedder,
  ingestInto,
  itemOf,
  memoryOf,
} from "@cairn/testing/engine/world";
import { makeDatabase, postgresOrSkip, type TestDatabase } from "@cairn/testing/postgres/postgres-or-skip";
import pg from "pg";
import { expect, test, vi } from "vitest";
import { openPool } from "./connection/pool.ts";
import { appRole, memorySchema } from "./connection/roles.ts";
import { openPostgresEngine } from "./engine.ts";
import { addSpaces, faultsOf, fillSpaces, genericPlan, nodesOf, type PlanNode } from "./fixtures/plans.ts";
import { migrateMemory } from "./migrate.ts";

const describe = await postgresOrSkip();

const day = 86_400_000;

/** What the tests of engines do, once each, so that every statement of the engine is sent. */
const doEverything = async (url: string): Promise<void> => {
  const engine = openPostgresEngine({ url, model: engineEmbedder.model, threads: 0 });
  const space = newId();
  await engine.create(space);
  const [writer, reader] = [engine.write(space, alice), engine.read(space)];
  const drafts: readonly Draft[] = [
    { content: "Ann Lee works at Initech Corporation and lives in Paris.", key: "ann", tags: ["work"], author: "Ann" },
    { content: "Ann Lee does not work at Initech Corporation.", sessionId: "talk", sessionSeq: 1 },
    { content: "Bob Ray works at Initech Corporation with Ann Lee.", sessionId: "talk" },
    { content: "The otter swims upstream.", tags: ["river"], metadata: { a: 1 } },
    { content: "Until the first day", expiresAt: 5 },
  ];
  const [ann, not, bob, otter] = await writer.remember(await Promise.all(drafts.map((draft) => itemOf(draft))), true);
  await writer.remember(
    [await itemOf("The otter swims upstream."), await itemOf({ content: "New", key: "ann" })],
    false,
  );
  await writer.remember([await itemOf("Without vectors for now", { vectors: [] })], false);
  const { id } = memoryOf(otter);
  await writer.update({ id, fields: { content: "The otter of Ann Lee swims downstream." }, vectors: await embed("x") });
  await writer.update({ id, fields: { tags: ["lake"] } });
  await writer.restore(id, 1);
  const fields = { content: "Bob Ray left Initech Corporation." };
  await writer.correct({ originalId: memoryOf(bob).id, fields, vectors: await embed(fields.content) });
  await writer.release(memoryOf(not).id).catch(() => undefined);
  const said = [{ role: "user", content: "The heron stands in the reeds.", at: 1, timed: true }];
  await ingestInto(engine, space, "s", said);
  await ingestInto(engine, space, "s", [...said, { role: "user", content: "It flew away.", at: 2, timed: true }]);
  const ask = { query: "who works in Paris", vector: along(3), limit: 5, minRelevance: 0, now: Date.now() };
  for (const more of [{}, { asOf: Date.now() }, { tags: ["work"] }, { context: 1 }, { author: "Ann" }])
    for (const include of ["memories", "sessions", "all"] as const) await reader.recall({ ...ask, include, ...more });
  await writer.setVectors(
    engineEmbedder.model.id,
    (await reader.missingVectors(50)).map(({ document }) => ({ document, vectors: [along(1)] })),
  );
  const next = { ...engineEmbedder.model, id: "next" };
  await writer.prepareModel(next);
  await writer.remember([await itemOf("While it changes", { vectors: [] })], false);
  await writer.update({ id: memoryOf(ann).id, fields: { content: "Ann Lee moved." }, vectors: await embed("Ann") });
  await writer.setVectors(
    "next",
    (await reader.missingVectors(50, "next")).map(({ document }) => ({ document, vectors: [along(2)] })),
  );
  await writer.switchModel("next");
  await writer.forget(memoryOf(otter).id, { purge: false });
  await writer.forget(memoryOf(ann).id, { purge: true });
  const step = { sessionId: "s", from: 0, to: 2, prompt: "p", nextAt: 0 };
  await writer.noteExtraction({ ...step, failed: true, items: [] });
  await writer.noteExtraction({ ...step, failed: false, items: [await itemOf("The heron lives in the reeds.")] });
  await writer.sweep({ now: Date.now(), sessionsBefore: Date.now() + day, purgeBefore: Date.now() + day });
  const note = makeNote();
  await engine.write(space, { ...alice, note }).remember([await itemOf("Noted for the audit")], false);
  await reader.notes(10);
  await writer.dropNotes([note.id]);
  await engine.drop(space);
  await engine.close();
};

const isStatement = (sql: string): boolean => !/^(?:BEGIN|COMMIT|ROLLBACK|SELECT set_config|SET )/u.test(sql);

/** The distinct statements that were sent meanwhile. */
const sentBy = async (work: () => Promise<void>): Promise<readonly string[]> => {
  const sent = new Set<string>();
  const query = vi.spyOn(pg.Client.prototype, "query");
  try {
    await work();
    for (const [first] of query.mock.calls as readonly (readonly unknown[])[]) {
      const text = typeof first === "string" ? first : (first as { readonly text?: string }).text;
      if (text !== undefined && isStatement(text)) sent.add(text);
    }
  } finally {
    query.mockRestore();
  }
  return [...sent];
};

/** What these read may grow with the space, and why. */
const whole: readonly RegExp[] = [
  // Everything goes, some rows at a time.
  /^DELETE FROM \w+ WHERE space = \$1 AND ctid = ANY \(ARRAY\(SELECT ctid/u,
  // A new model needs every text.
  /^INSERT INTO awaiting_vectors .* FROM docs/su,
  // Short lists that are taken as they are.
  /FROM stale_names/u,
  /^DELETE FROM late_vectors WHERE space = \$1$/u,
  // Of all sessions those that are quiet, once in a while.
  /FROM session_chunks c JOIN docs d .* GROUP BY c\.session/su,
  // The first of what waits for the audit.
  /^SELECT .* FROM notes .*LIMIT/u,
];

/** The part of a portion that is sorted although an index has it in order: it would be read to its end each time. */
const sortsPortions = (plan: PlanNode): boolean =>
  nodesOf(plan).some((node) => node["Node Type"] === "Limit" && node.Plans?.[0]?.["Node Type"] === "Sort");

const faultsAmong = async (database: TestDatabase, space: string, sent: readonly string[]) => {
  const pool = openPool({
    url: database.url,
    role: appRole,
    searchPath: [memorySchema],
    name: "plans",
    byIndex: true,
    most: 1,
  });
  const faults: string[] = [];
  for (const sql of sent) {
    await pool.transaction({ space }, async (connection) => {
      const plan = await genericPlan(connection, sql);
      const keyed = !whole.some((pattern) => pattern.test(sql));
      faults.push(...faultsOf(plan, keyed).map((fault) => `${fault}: ${sql}`));
      if (/LIMIT 4000/u.test(sql) && sortsPortions(plan)) faults.push(`sorts more than a portion: ${sql}`);
    });
  }
  await pool.close();
  return faults;
};

describe("plans of writes and recalls", () => {
  test("ENG-2 reach every table by an index that begins with the space, and what has a key by its key", async () => {
    await using database = await makeDatabase();
    const { url } = database;
    await migrateMemory({ url });
    const sent = await sentBy(() => doEverything(url));
    expect(sent.length).toBeGreaterThan(80);
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    await client.query(`SET search_path = ${memorySchema}`);
    const run = (sql: string) => client.query(sql);
    const large = await addSpaces(run, { spaces: 1, rowsEach: 20_000 });
    const tiny = await fillSpaces(run, { spaces: 300, rowsEach: 5 });
    await client.end();
    expect(await faultsAmong(database, large, sent)).toEqual([]);
    expect(await faultsAmong(database, tiny, sent)).toEqual([]);
  });

  test("ENG-2 whatever refers to a row has an index by which that row's removal finds it", async () => {
    await using database = await makeDatabase();
    await migrateMemory({ url: database.url });
    const unindexed = await database.run(`
      SELECT k.conrelid::regclass::text AS table, k.conname AS name FROM pg_constraint k
      WHERE k.contype = 'f' AND k.connamespace = '${memorySchema}'::regnamespace AND NOT EXISTS (
        SELECT FROM pg_index i WHERE i.indrelid = k.conrelid AND i.indpred IS NULL
          AND (SELECT array_agg(key ORDER BY key) FROM unnest((i.indkey::int2[])[0:cardinality(k.conkey) - 1]) AS key)
            = (SELECT array_agg(key ORDER BY key) FROM unnest(k.conkey) AS key)
      )`);
    expect(unindexed).toEqual([]);
  });
});
