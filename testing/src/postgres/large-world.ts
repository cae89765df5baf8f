/** A space large enough for the database to search, in a test: numbers of documents begin where large spaces are. */
import { newId } from "@cairn/kernel/id";
import type { MemoryFields } from "@cairn/memory/memory/memory";
import type { RecallAnswer, RecallQuery } from "@cairn/memory/recall/query";
import type { Engine } from "@cairn/memory/space/engine";
import { alice, type Draft, engineEmbedder, itemOf } from "../engine/world.ts";
import { makeDatabase, type TestDatabase } from "./postgres-or-skip.ts";
import { openPostgresEngine, type PostgresEngineOptions } from "@cairn/store-postgres/engine";
import { migrateMemory } from "@cairn/store-postgres/migrate";
import { nearestTable } from "@cairn/store-postgres/recall/large/partition";

export const largeFrom = 1_500;
/** From 50,000 documents on a question is asked once and leaves common words out (recall/tuning.ts). */
const firstNumber = 60_000;

/** The same numbers on every run. */
export const seeded = (start: number): (() => number) => {
  let state = start;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
};

/** Pairs of tables that must say the same of a space, as two lists each; what only one of them has is a fault. */
const equal = (table: string): Readonly<Record<string, readonly [string, string]>> => ({
  "documents that are current, and those that are entered": [
    "SELECT n FROM docs WHERE space = $1 AND to_at IS NULL AND entry IS NOT NULL",
    "SELECT doc FROM entered WHERE space = $1",
  ],
  "postings, and the figures of terms": [
    "SELECT kind, term, sum(length(bytes) / 3)::integer FROM postings WHERE space = $1 GROUP BY kind, term",
    "SELECT kind, term, passages FROM term_counts WHERE space = $1",
  ],
  "documents with words, and those that are entered": [
    `SELECT DISTINCT block::bigint * 4096 + get_byte(bytes, at) * 256 + get_byte(bytes, at + 1) FROM postings,
       generate_series(0, length(bytes) - 3, 3) AS at WHERE space = $1`,
    "SELECT doc FROM entered WHERE space = $1 AND session >= 0",
  ],
  "entered documents, and the figures of kinds": [
    "SELECT kind, count(*), sum(passages), sum(length), sum(head) FROM entered WHERE space = $1 GROUP BY kind",
    "SELECT kind, documents, passages, length, head FROM large_counts WHERE space = $1 AND documents > 0",
  ],
  "vectors of entered documents, and those in the partition": [
    `SELECT f.generation, f.doc, f.chunk FROM f32 f JOIN entered e USING (space, doc) JOIN space_state s USING (space)
     WHERE f.space = $1 AND e.session >= 0 AND (f.generation = s.generation OR f.generation = s.next_generation)`,
    `SELECT generation, doc, chunk FROM ${table} WHERE space = $1`,
  ],
});

/** What of a large space's tables does not belong together; none where nothing was missed. */
export const missedIn = async ({ database, space }: LargeWorld): Promise<readonly string[]> => {
  const faults: string[] = [];
  for (const [what, [one, other]] of Object.entries(equal(nearestTable(space)))) {
    const sql = `SET search_path = cairn; SELECT count(*)::integer AS n FROM (
      (${one} EXCEPT ${other}) UNION ALL (${other} EXCEPT ${one})) x`;
    const [row] = await database.run<{ n: number }>(sql.replaceAll("$1", `'${space}'`));
    if (row?.n !== 0) faults.push(`${what}: ${row?.n}`);
  }
  return faults;
};

/** Rows of a large space by table. */
export const rowsOf = async ({ database, space }: LargeWorld): Promise<Readonly<Record<string, number>>> => {
  const counts: Record<string, number> = {};
  for (const table of ["postings", "entered", "term_counts", "large_counts", "large_spaces", "nearest"]) {
    const [row] = await database.run<{ n: number }>(
      `SELECT count(*)::integer AS n FROM cairn.${table} WHERE space = '${space}'`,
    );
    counts[table] = row?.n ?? 0;
  }
  return counts;
};

/** Words whose frequencies fall as those of a language do. */
export const textOf = (next: () => number, length = 8 + Math.floor(next() * 14)): string =>
  Array.from({ length }, () => `w${Math.floor(1_200 ** next())}x`).join(" ");

export interface LargeWorld extends AsyncDisposable {
  readonly database: TestDatabase;
  readonly space: string;
  readonly open: (options?: Partial<PostgresEngineOptions>) => Engine;
  readonly store: (engine: Engine, drafts: readonly Draft[]) => Promise<readonly string[]>;
  /** Waits until the space has been moved. */
  readonly moved: () => Promise<void>;
}

export const asking = async (
  engine: Engine,
  space: string,
  query: string,
  more: Partial<RecallQuery> = {},
): Promise<RecallAnswer> =>
  engine.read(space).recall({
    query,
    vector: await engineEmbedder.embedQuery(query),
    limit: 10,
    minRelevance: 0,
    include: "memories",
    now: Date.now(),
    ...more,
  });

export const drafts = (
  count: number,
  of: (at: number, next: () => number) => Partial<MemoryFields> = () => ({}),
  seed = 1,
): readonly Draft[] => {
  const next = seeded(seed);
  return Array.from({ length: count }, (_, at) => ({ content: textOf(next), ...of(at, next) }));
};

export const makeLargeWorld = async (): Promise<LargeWorld> => {
  const database = await makeDatabase();
  await migrateMemory({ url: database.url });
  const space = newId();
  const engines: Engine[] = [];
  const open: LargeWorld["open"] = (options = {}) => {
    const engine = openPostgresEngine({
      url: database.url,
      model: engineEmbedder.model,
      threads: 0,
      largeFrom,
      largeQuietMs: 0,
      projectLarge: false,
      ...options,
    });
    engines.push(engine);
    return engine;
  };
  const first = open();
  await first.create(space);
  await database.run(`UPDATE cairn.space_state SET last_doc = ${firstNumber} WHERE space = '${space}'`);
  return {
    database,
    space,
    open,
    store: async (engine, list) => {
      const ids: string[] = [];
      for (let from = 0; from < list.length; from += 500) {
        const items = await Promise.all(
          list.slice(from, from + 500).map((draft) => itemOf(draft, { skipDedup: true })),
        );
        for (const outcome of await engine.write(space, alice).remember(items, false))
          if (outcome.status === "stored") ids.push(outcome.memory.id);
      }
      return ids;
    },
    moved: async () => {
      for (const until = Date.now() + 25_000; Date.now() < until;) {
        const [row] = await database.run<{ ready: boolean }>(
          `SELECT s.part > 0 AND l.filled >= l.upto AND l.generation = s.generation AS ready
           FROM cairn.space_state s LEFT JOIN cairn.large_spaces l USING (space) WHERE s.space = '${space}'`,
        );
        if (row?.ready === true) return;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      throw new Error("The space was not moved.");
    },
    [Symbol.asyncDispose]: async () => {
      for (const engine of engines) await engine.close();
      await database.drop();
    },
  };
};
