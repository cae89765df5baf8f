/**
 * `npm run bench -- tenants`: what a question costs the cloud engine however many tenants it has, and in one large
 * space. A few spaces of 100 memories are stored through the engine and copied by SQL under other ids, thousands of
 * them; questions go to spaces at random, most of which this server has never read. PostgreSQL is one of the
 * benchmark's own, as the tests have it, with the durability that a server would have.
 *
 * The copies are made twice: the rows of a space side by side, as when a tenant's memories came in one import, and, a
 * quarter as many, scattered among those of all others, as when all tenants remember something every day. Both are
 * measured with the tables in PostgreSQL's memory: what a page costs that must come from a disk is the disk's affair.
 */
import { totalmem } from "node:os";
import { makeStaticEmbedder } from "@cairn/embed/static/static-embedder";
import { newId } from "@cairn/kernel/id";
import type { Embedder } from "@cairn/memory/embedding/embedder";
import type { MemoryFields } from "@cairn/memory/memory/memory";
import { readMemory } from "@cairn/memory/memory/reading";
import type { Engine } from "@cairn/memory/space/engine";
import type { RecallQuery } from "@cairn/memory/recall/query";
import { openPool, type PostgresPool } from "@cairn/store-postgres/connection/pool";
import { openPostgresEngine } from "@cairn/store-postgres/engine";
import { migrateMemory } from "@cairn/store-postgres/migrate";
import { startPostgres } from "@cairn/testing/postgres/start-postgres";
import { compare, readBaseline, writeBaseline } from "./baseline.ts";
import { makeCorpus } from "./corpus.ts";
import { seeded } from "./random.ts";
import { type Row, writeResult } from "./result-file.ts";
import { mean, percentiles } from "./statistics.ts";

export interface TenantsOptions {
  /** How many spaces of 100 memories, few and many. */
  readonly spaces: readonly [number, number];
  /** Memories of the large space; 0 leaves it out. */
  readonly large: number;
  /** Keeps the figures for docs/benchmarks.md. */
  readonly keep?: boolean;
  /** Keeps the ratio as the baseline. */
  readonly update?: boolean;
}

const perSpace = 100;
const batch = 500;
const rounds = 8;
const questionsARound = 100;
const comparedQuestions = 60;
const best = 10;
/** Bars of ENG-2. */
const mostRatio = 1.2;
const mostLargeMs = 25;
const leastRecall = 0.99;
/** How much worse than the baseline a ratio may be: these are timings on whatever machine runs them. */
const slack = 1.3;

const corpus = makeCorpus();

const plainFields: MemoryFields = {
  content: "",
  key: null,
  category: null,
  entity: null,
  tags: [],
  metadata: null,
  context: null,
  author: null,
  sessionId: null,
  sessionSeq: null,
  sourceType: "user_explicit",
  sourceUri: null,
  trust: "person",
  importance: null,
  confidence: 1,
  occurredAt: null,
  validFrom: null,
  validUntil: null,
  expiresAt: null,
  decay: null,
};

/** Memories a second. */
export const store = async (
  engine: Engine,
  embedder: Embedder,
  space: string,
  from: number,
  to: number,
): Promise<number> => {
  const writer = engine.write(space, { principal: "bench", instance: "bench" });
  const started = performance.now();
  const storing: Promise<unknown>[] = [];
  for (let start = from; start < to; start += batch) {
    const fields = Array.from({ length: Math.min(batch, to - start) }, (_, at) => ({
      ...plainFields,
      content: corpus.text(start + at),
      tags: [`tag${(start + at) % 100}`],
    }));
    const vectors = await embedder.embedPassages(fields);
    const items = fields.map((one, at) => ({
      fields: one,
      vectors: vectors[at] ?? [],
      skipDedup: true,
      reading: readMemory(one),
    }));
    storing.push(writer.remember(items, false));
    if (storing.length > 1) await storing.shift();
  }
  await Promise.all(storing);
  return (to - from) / ((performance.now() - started) / 1000);
};

interface CopiedTable {
  readonly name: string;
  readonly columns: string;
  readonly taken: string;
}

/** Copies spaces under `count` other ids, which it returns; `scattered`: not a space's rows side by side. */
export const copySpaces = async (
  admin: PostgresPool,
  templates: readonly string[],
  count: number,
  scattered: boolean,
): Promise<readonly string[]> => {
  const fresh = Array.from({ length: count }, () => newId());
  const sources = fresh.map((_, at) => templates[at % templates.length] ?? "");
  await admin.use(async ({ query, change }) => {
    const tables = await query<CopiedTable>(
      `SELECT c.relname AS name, string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) AS columns,
         string_agg('t.' || quote_ident(a.attname), ', ' ORDER BY a.attnum) AS taken
       FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attname <> 'space'
       WHERE c.relnamespace = 'cairn'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
         AND EXISTS (SELECT FROM pg_attribute s WHERE s.attrelid = c.oid AND s.attname = 'space')
       GROUP BY c.relname, c.oid ORDER BY c.relname <> 'space_state', c.oid`,
    );
    // What is copied was checked when it was stored.
    await change("SET session_replication_role = replica");
    for (const { name, columns, taken } of tables)
      await change(
        `INSERT INTO cairn.${name} (space, ${columns}) SELECT n.id, ${taken}
         FROM unnest($1::uuid[], $2::uuid[]) AS n (id, source) JOIN cairn.${name} t ON t.space = n.source
         ORDER BY ${scattered ? "random()" : "n.id"}`,
        [fresh, sources],
      );
    await change("SET session_replication_role = origin");
    await change("VACUUM ANALYZE");
    await change("CHECKPOINT");
  });
  return fresh;
};

/** Brings the rows of spaces into PostgreSQL's memory, by the indexes that questions use. */
export const warm = (admin: PostgresPool, spaces: readonly string[]): Promise<void> =>
  admin.use(async ({ query, change }) => {
    for (const scan of ["seqscan", "bitmapscan"]) await change(`SET enable_${scan} = off`);
    const read = [
      ["space_state", "count(t.seq)", ""],
      ["docs", "sum(length(t.entry))", "AND t.seq >= 0"],
      ["q8", "sum(length(t.bytes))", ""],
      ["f32", "sum(length(t.bytes))", ""],
      ["memories", "sum(length(t.content))", "AND t.row >= 0"],
      ["names", "sum(length(t.name))", "AND t.hash >= '00000000-0000-0000-0000-000000000000'"],
      ["conflicts", "count(*)", ""],
    ] as const;
    for (const [table, value, key] of read)
      await query(
        `SELECT ${value} FROM unnest($1::uuid[]) AS w (space)
         CROSS JOIN LATERAL (SELECT * FROM cairn.${table} t WHERE t.space = w.space ${key} OFFSET 0) t`,
        [spaces],
      );
  });

export const makeAsker = (engine: Engine, embedder: Embedder) => {
  const next = seeded(11);
  const pick = (count: number): number => Math.floor(next() * count);
  const ask = async (space: string, query: string, more: Partial<RecallQuery> = {}): Promise<readonly string[]> => {
    const { hits } = await engine.read(space).recall({
      query,
      vector: await embedder.embedQuery(query),
      limit: best,
      minRelevance: 0,
      include: "memories",
      now: Date.now(),
      ...more,
    });
    return hits.flatMap((hit) => (hit.type === "memory" ? [hit.memory.id] : []));
  };
  /** Milliseconds of each question. Throws when one is not answered in full. */
  const times = async (count: number, spaces: readonly string[], memories: number): Promise<readonly number[]> => {
    const taken: number[] = [];
    for (let at = 0; at < count; at++) {
      const space = spaces[pick(spaces.length)] ?? "";
      const query = corpus.question(pick(memories));
      const started = performance.now();
      const found = await ask(space, query);
      taken.push(performance.now() - started);
      if (found.length !== best) throw new Error(`A question found ${found.length} of ${best}.`);
    }
    return taken;
  };
  return { ask, times, pick };
};
type Asker = ReturnType<typeof makeAsker>;

interface Figures {
  readonly times: readonly number[];
  /** Milliseconds of this process's processors a question, of all its threads. */
  readonly cpu: number;
}

/** Asks all groups in turns, so that what else the machine does falls on each alike. */
export const measureGroups = async (
  asker: Asker,
  groups: readonly (readonly string[])[],
  memories: number,
): Promise<readonly Figures[]> => {
  for (const group of groups) await asker.times(questionsARound, group, memories);
  const figures = groups.map(() => ({ times: [] as number[], cpu: 0 }));
  for (let round = 0; round < rounds; round++)
    for (const [at, group] of groups.entries()) {
      const before = process.cpuUsage();
      figures[at]!.times.push(...(await asker.times(questionsARound, group, memories)));
      const { user, system } = process.cpuUsage(before);
      figures[at]!.cpu += (user + system) / 1000 / (rounds * questionsARound);
    }
  return figures;
};

/** The share of the best by every cosine that an ordinary recall finds. */
export const measureRecall = async ({ ask, pick }: Asker, space: string, memories: number): Promise<number> => {
  const overlaps: number[] = [];
  for (let at = 0; at < comparedQuestions; at++) {
    const query = corpus.question(pick(memories));
    const exact = await ask(space, query, { exact: true });
    const found = new Set(await ask(space, query));
    overlaps.push(exact.filter((id) => found.has(id)).length / exact.length);
  }
  return mean(overlaps);
};

const shown = ({ times, cpu }: Figures) => {
  const { p50, p99 } = percentiles(times);
  return { "recall p50 ms": p50.toFixed(2), "recall p99 ms": p99.toFixed(1), "server CPU ms": cpu.toFixed(2) };
};

/** True when no bar is missed, and many tenants cost a question not much more than in the baseline. */
export const benchTenants = async ({ spaces, large, keep, update }: TenantsOptions): Promise<boolean> => {
  const [few, many] = spaces;
  const sharedMb = Math.max(1_024, Math.min(Math.ceil(many * 0.9), Math.floor((totalmem() * 0.4) / 2 ** 20)));
  await using postgres = await startPostgres({
    durable: true,
    settings: { shared_buffers: `${sharedMb}MB`, max_wal_size: "4GB", work_mem: "16MB" },
  });
  const { url } = postgres;
  await migrateMemory({ url });
  const embedder = makeStaticEmbedder();
  const open = () => openPostgresEngine({ url, model: embedder.model, threads: 2 });
  const admin = openPool({ url, role: null, name: "bench", most: 1, statementMs: 3_600_000 });
  const rows: Row[] = [];
  const largeRows: Row[] = [];
  let engine = open();
  let passed = true;
  let ratio = Number.NaN;
  try {
    const templates = Array.from({ length: few }, () => newId());
    for (const [at, space] of templates.entries())
      await store(engine, embedder, space, at * perSpace, (at + 1) * perSpace);
    const together = await copySpaces(admin, templates, many, false);
    const scattered = await copySpaces(admin, templates, Math.ceil(many / 4), true);
    for (const group of [templates, scattered, together]) await warm(admin, group);
    await engine.close();
    engine = open();
    const groups = [templates, together, scattered];
    const figures = await measureGroups(makeAsker(engine, embedder), groups, few * perSpace);
    const medians = figures.map(({ times }) => percentiles(times).p50);
    ratio = medians[1]! / medians[0]!;
    for (const [at, name] of ["as stored", "rows side by side", "rows scattered"].entries()) {
      const row = { spaces: groups[at]!.length, layout: name, ...shown(figures[at]!) };
      rows.push({ ...row, "p50 against few": (medians[at]! / medians[0]!).toFixed(2) });
      console.log(
        Object.entries(rows[at]!)
          .map(([key, value]) => `${key}: ${value}`)
          .join("  "),
      );
    }
    passed &&= ratio <= mostRatio;
    if (large > 0) {
      const space = newId();
      const perSecond = await store(engine, embedder, space, 0, large);
      await engine.close();
      engine = open();
      const asker = makeAsker(engine, embedder);
      const started = performance.now();
      await asker.ask(space, corpus.question(5));
      const first = performance.now() - started;
      const [found] = await measureGroups(asker, [[space]], large);
      const recall = await measureRecall(asker, space, large);
      largeRows.push({
        memories: large,
        ...shown(found!),
        [`recall@${best}`]: recall.toFixed(3),
        "stored a second": perSecond.toFixed(0),
        "first question after a start ms": first.toFixed(0),
      });
      console.log(
        Object.entries(largeRows[0]!)
          .map(([key, value]) => `${key}: ${value}`)
          .join("  "),
      );
      passed &&= percentiles(found!.times).p50 < mostLargeMs && recall >= leastRecall;
    }
  } finally {
    await engine.close();
    await admin.close();
    await embedder.close();
  }
  if (keep === true) {
    writeResult({
      bench: "tenants",
      name: "tenants",
      command: `tenants --spaces ${spaces.join(",")} --large ${large}`,
      tables: [
        { title: `Spaces of ${perSpace} memories, asked at random`, rows, notes: ["In process, without HTTP."] },
        ...(largeRows.length === 0 ? [] : [{ title: "One large space", rows: largeRows, notes: [] }]),
      ],
    });
  }
  const figures = { [`recall p50 over ${many} spaces / over ${few}`]: Math.round(ratio * 100) / 100 };
  if (update === true) {
    writeBaseline("tenants", { ...readBaseline("tenants"), ...figures });
    return passed;
  }
  const kept = Object.entries(readBaseline("tenants") ?? {}).filter(([key]) => key in figures);
  return compare("tenants", figures, Object.fromEntries(kept), (was, is) => is <= was * slack) && passed;
};
