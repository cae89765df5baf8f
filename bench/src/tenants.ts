/**
 * `npm run bench -- tenants`: what a question costs the cloud engine however many tenants it has, and in one large space.
 * Spaces of 100 memories are stored through the engine and copied by SQL under other ids, thousands of them; questions
 * go to spaces at random, most of which this server has never read. PostgreSQL is one of the benchmark's own, as the
 * tests have it, with the durability that a server would have.
 */
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
import { makeCorpus } from "./corpus.ts";
import { seeded } from "./random.ts";
import { mean, percentiles } from "./statistics.ts";

export interface TenantsOptions {
  /** How many spaces of 100 memories, few and many. */
  readonly spaces: readonly [number, number];
  /** Memories of the large space; 0 leaves it out. */
  readonly large: number;
}

const perSpace = 100;
const batch = 500;
const questions = 400;
const best = 10;
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
export const store = async (engine: Engine, embedder: Embedder, space: string, from: number, to: number): Promise<number> => {
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

/** Copies spaces under other ids until there are `count`; all ids. */
const copySpaces = async (
  admin: PostgresPool,
  templates: readonly string[],
  count: number,
): Promise<readonly string[]> => {
  const ids = Array.from({ length: count }, (_, at) => templates[at] ?? newId());
  const fresh = ids.slice(templates.length);
  const sources = fresh.map((_, at) => templates[at % templates.length] ?? "");
  await admin.use(async ({ query, change }) => {
    const tables = await query<{ name: string; columns: string; taken: string }>(
      `SELECT c.relname AS name, string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) AS columns,
         string_agg('t.' || quote_ident(a.attname), ', ' ORDER BY a.attnum) AS taken
       FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attname <> 'space'
       WHERE c.relnamespace = 'cairn'::regnamespace AND c.relkind = 'r'
         AND EXISTS (SELECT FROM pg_attribute s WHERE s.attrelid = c.oid AND s.attname = 'space')
       GROUP BY c.relname, c.oid ORDER BY c.relname <> 'space_state', c.oid`,
    );
    for (const { name, columns, taken } of tables)
      await change(
        `INSERT INTO cairn.${name} (space, ${columns}) SELECT n.id, ${taken}
         FROM unnest($1::uuid[], $2::uuid[]) AS n (id, source) JOIN cairn.${name} t ON t.space = n.source`,
        [fresh, sources],
      );
    await admin.use(({ change: run }) => run("VACUUM ANALYZE"));
  });
  return ids;
};

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

/** True when no bar is missed: 1.2 for the ratio of many tenants to few, 25 ms and .99 in the large space. */
export const benchTenants = async ({ spaces: [few, many], large }: TenantsOptions): Promise<boolean> => {
  await using postgres = await startPostgres({
    durable: true,
    settings: { shared_buffers: "1GB", max_wal_size: "4GB", work_mem: "16MB" },
  });
  const { url } = postgres;
  await migrateMemory({ url });
  const embedder = makeStaticEmbedder();
  const open = (): ReturnType<typeof openPostgresEngine> =>
    openPostgresEngine({ url, model: embedder.model, threads: 2 });
  const admin = openPool({ url, role: null, name: "bench", most: 2, statementMs: 3_600_000 });
  let passed = true;
  try {
    let engine = open();
    const templates = Array.from({ length: few }, () => newId());
    for (const [at, space] of templates.entries())
      await store(engine, embedder, space, at * perSpace, (at + 1) * perSpace);
    const all = await copySpaces(admin, templates, many);
    console.log(`${all.length} spaces of ${perSpace} memories`);
    await engine.close();
    engine = open();
    const asker = makeAsker(engine, embedder);
    await asker.times(100, all, few * perSpace);
    const taken: { few: number[]; many: number[] } = { few: [], many: [] };
    // In turns, so that what else the machine does falls on both.
    for (let round = 0; round < 4; round++) {
      taken.few.push(...(await asker.times(questions / 4, templates, few * perSpace)));
      taken.many.push(...(await asker.times(questions / 4, all, few * perSpace)));
    }
    const [fewTimes, manyTimes] = [percentiles(taken.few), percentiles(taken.many)];
    const ratio = manyTimes.p50 / fewTimes.p50;
    console.log(`recall p50 (p99) over ${few} spaces  ${fewTimes.p50.toFixed(2)} (${fewTimes.p99.toFixed(1)}) ms`);
    console.log(`recall p50 (p99) over ${many} spaces ${manyTimes.p50.toFixed(2)} (${manyTimes.p99.toFixed(1)}) ms`);
    console.log(`ratio ${ratio.toFixed(2)}`);
    passed &&= ratio <= 1.2;
    if (large > 0) {
      const space = newId();
      const perSecond = await store(engine, embedder, space, 0, large);
      console.log(`${large} memories in one space, ${perSecond.toFixed(0)} stored a second`);
      await engine.close();
      engine = open();
      const big = makeAsker(engine, embedder);
      const started = performance.now();
      await big.ask(space, corpus.question(5));
      console.log(`first question after a start ${(performance.now() - started).toFixed(0)} ms`);
      await big.times(50, [space], large);
      const times = percentiles(await big.times(questions, [space], large));
      const overlaps: number[] = [];
      for (let at = 0; at < 60; at++) {
        const query = corpus.question(big.pick(large));
        const exact = await big.ask(space, query, { exact: true });
        const found = new Set(await big.ask(space, query));
        overlaps.push(exact.filter((id) => found.has(id)).length / exact.length);
      }
      console.log(
        `recall p50 (p99) ${times.p50.toFixed(2)} (${times.p99.toFixed(1)}) ms, recall@${best} ${mean(overlaps).toFixed(3)}`,
      );
      passed &&= times.p50 < 25 && mean(overlaps) >= 0.99;
    }
    await engine.close();
    console.log(`resident ${(process.memoryUsage.rss() / 1e6).toFixed(0)} MB`);
  } finally {
    await admin.close();
    await embedder.close();
  }
  return passed;
};
