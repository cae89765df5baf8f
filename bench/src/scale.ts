/**
 * `npm run bench -- scale`: one space that grows to a million memories (ENG-7). Texts are stored through the engine, as
 * a server would; recalls are timed with the embedding of the question, without HTTP, which adds the same at every
 * size. With `folder` the space stays there and is used again, because a million memories take a while to store.
 *
 * Beside the times it measures what the first pass loses: of the ten nearest by float cosine over all memories, and of
 * the ten best when every cosine is computed, the share that an ordinary recall finds; and whether filters are exact.
 */
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeStaticEmbedder } from "@cairn/embed/static/static-embedder";
import { denseWeight } from "@cairn/memory/recall/fuse";
import type { MemoryFields } from "@cairn/memory/memory/memory";
import { readMemory } from "@cairn/memory/memory/reading";
import type { RecallQuery } from "@cairn/memory/recall/query";
import { openSqliteEngine, type SqliteEngine } from "@cairn/store-sqlite/engine";
import { openDatabase } from "@cairn/store-sqlite/open-database";
import { compare, readBaseline, writeBaseline } from "./baseline.ts";
import { makeCorpus } from "./corpus.ts";
import { type Row, writeResult } from "./result-file.ts";
import { mean, percentiles } from "./statistics.ts";

export interface ScaleOptions {
  /** In rising order. */
  readonly sizes: readonly number[];
  /** Where the space is kept; a temporary folder when null. */
  readonly folder: string | null;
  /** Every tenth session of turns, with authors, tags and dates; otherwise plain texts. */
  readonly mixed: boolean;
  /** Keeps the figures for docs/benchmarks.md. */
  readonly keep?: boolean;
  /** Keeps the ratios as the baseline. */
  readonly update?: boolean;
}

/** How much worse than the baseline a ratio may be: these are timings on whatever machine runs them. */
const slack = 1.6;

const space = "0197f000-0000-7000-8000-000000000001";
const batch = 500;
const timedQuestions = 200;
const comparedQuestions = 40;
const best = 10;
const chunksPerDocument = 1024;

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
const tagOf = (index: number): string => `tag${(index * 7_919) % 100}`;

const fieldsOf = (index: number, content: string, mixed: boolean): MemoryFields => {
  const tagged = { ...plainFields, content, tags: [tagOf(index), ...(index % 1_000 === 5 ? ["rare"] : [])] };
  if (!mixed || index % 10 >= 3) return tagged;
  return {
    ...tagged,
    author: `Person${(index * 31) % 200}`,
    sessionId: `s${Math.floor(index / 70)}`,
    occurredAt: Date.UTC(2024, 0, 1) + index * 60_000,
  };
};

const grow = async (engine: SqliteEngine, from: number, to: number, mixed: boolean): Promise<number> => {
  const corpus = makeCorpus();
  const embedder = makeStaticEmbedder();
  const writer = engine.write(space, { principal: "bench", instance: "bench" });
  const started = performance.now();
  const storing: Promise<unknown>[] = [];
  for (let start = from; start < to; start += batch) {
    const fields = Array.from({ length: Math.min(batch, to - start) }, (_, at) =>
      fieldsOf(start + at, corpus.text(start + at), mixed),
    );
    const vectors = await embedder.embedPassages(fields);
    const items = fields.map((one, at) => ({
      fields: one,
      vectors: vectors[at] ?? [],
      skipDedup: true,
      reading: readMemory(one),
    }));
    storing.push(writer.remember(items, false));
    if (storing.length > 2) await storing.shift();
  }
  await Promise.all(storing);
  await embedder.close();
  return (to - from) / ((performance.now() - started) / 1000);
};

/**
 * The documents of the ten nearest by float cosine, of each question, in one walk over all vectors. As in recall, the
 * cosine of a short text counts less; these texts have a term a word.
 */
const nearest = (file: string, questions: readonly Float32Array[]): readonly (readonly number[])[] => {
  const corpus = makeCorpus();
  const database = openDatabase(file);
  const kept = questions.map(() => [] as { doc: number; cosine: number }[]);
  const rows = database.prepare("SELECT id, f32 FROM v").raw().iterate() as IterableIterator<[number, Uint8Array]>;
  for (const [id, bytes] of rows) {
    const vector = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
    const doc = Math.floor(id / chunksPerDocument);
    // The texts were stored one after the other.
    const weight = denseWeight(corpus.text(doc - 1).split(" ").length);
    for (const [at, question] of questions.entries()) {
      let cosine = 0;
      for (let index = 0; index < question.length; index++) cosine += question[index]! * vector[index]!;
      const list = kept[at]!;
      cosine *= weight;
      if (list.length === best && cosine <= list[best - 1]!.cosine) continue;
      list.push({ doc, cosine });
      list.sort((a, b) => b.cosine - a.cosine);
      list.length = Math.min(list.length, best);
    }
  }
  database.close();
  return kept.map((list) => list.map(({ doc }) => doc));
};

const idsByDocument = (file: string, docs: readonly number[]): ReadonlyMap<number, string> => {
  const database = openDatabase(file);
  const find = database.prepare("SELECT id FROM memories WHERE doc = ?").pluck();
  const ids = new Map(docs.map((doc) => [doc, String(find.get(doc))]));
  database.close();
  return ids;
};

const overlap = (found: readonly string[], wanted: readonly string[]): number =>
  wanted.length === 0 ? 1 : wanted.filter((id) => found.includes(id)).length / wanted.length;

const measure = async (engine: SqliteEngine, file: string, size: number) => {
  const corpus = makeCorpus();
  const embedder = makeStaticEmbedder();
  const reader = engine.read(space);
  const ask = async (query: string, more: Partial<RecallQuery> = {}): Promise<readonly string[]> => {
    const { hits } = await reader.recall({
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
  const questionAt = (at: number): string => corpus.question((at * 7_919) % size);
  const times = async (count: number, more: (at: number) => Partial<RecallQuery>): Promise<readonly number[]> => {
    const taken: number[] = [];
    for (let at = 0; at < count; at++) {
      const started = performance.now();
      await ask(questionAt(at), more(at));
      taken.push(performance.now() - started);
    }
    return taken;
  };
  await times(30, () => ({}));
  const plain = percentiles(await times(timedQuestions, () => ({})));
  const tagged = percentiles(await times(50, (at) => ({ tags: [tagOf(at)] })));
  // By meaning alone: a stop word is looked up nowhere, and teaches nothing.
  const vectors = await Promise.all(
    Array.from({ length: comparedQuestions }, (_, at) => embedder.embedQuery(questionAt(at))),
  );
  const truth = nearest(file, vectors);
  const ids = idsByDocument(file, truth.flat());
  const byMeaning: number[] = [];
  const byAll: number[] = [];
  for (const [at, vector] of vectors.entries()) {
    const found = await ask("the", { vector });
    byMeaning.push(
      overlap(
        found,
        truth[at]!.map((doc) => ids.get(doc) ?? ""),
      ),
    );
    byAll.push(overlap(await ask(questionAt(at)), await ask(questionAt(at), { exact: true })));
  }
  const rare = await ask("anything at all", { tags: ["rare"], limit: 200 });
  const expected = Math.min(200, Math.ceil((size - 5) / 1_000));
  await embedder.close();
  return { plain, tagged, byMeaning: mean(byMeaning), byAll: mean(byAll), exactFilter: rare.length === expected };
};

/**
 * True when no bar of ENG-7 is missed, which are recall of the first pass at least .98 and filters exact, and recall
 * does not grow with the space by much more than in the baseline.
 */
export const benchScale = async ({ sizes, folder: given, mixed, update, keep }: ScaleOptions): Promise<boolean> => {
  const folder = given ?? mkdtempSync(join(tmpdir(), "cairn-scale-"));
  const file = join(folder, "spaces", `${space}.db`);
  const { model } = makeStaticEmbedder();
  const open = (): SqliteEngine => openSqliteEngine({ folder, model, threads: 1 });
  let passed = true;
  const timings: number[] = [];
  const rows: Row[] = [];
  try {
    console.log("memories  stored/s  opened ms   p50 ms    p99  tagged p50  by cosine  by all  filters  resident MB");
    for (const size of sizes) {
      let engine = open();
      if (!existsSync(file)) await engine.create(space);
      const { memories } = await engine.read(space).stats();
      const perSecond = memories < size ? await grow(engine, memories, size, mixed) : Number.NaN;
      await engine.close();
      engine = open();
      const started = performance.now();
      await engine.read(space).recall({
        query: "open",
        vector: new Float32Array(model.dimensions),
        limit: 1,
        minRelevance: 0,
        include: "memories",
        now: Date.now(),
      });
      const opened = performance.now() - started;
      const found = await measure(engine, file, size);
      const cells = [
        perSecond.toFixed(0).padStart(9),
        opened.toFixed(0).padStart(10),
        found.plain.p50.toFixed(2).padStart(8),
        found.plain.p99.toFixed(2).padStart(6),
        found.tagged.p50.toFixed(2).padStart(11),
        found.byMeaning.toFixed(3).padStart(10),
        found.byAll.toFixed(3).padStart(7),
        (found.exactFilter ? "exact" : "WRONG").padStart(8),
        (process.memoryUsage.rss() / 1e6).toFixed(0).padStart(12),
      ];
      console.log(`${String(size).padStart(8)} ${cells.join(" ")}`);
      timings.push(found.plain.p50);
      rows.push({
        memories: size,
        "recall p50 ms": found.plain.p50.toFixed(1),
        "recall p99 ms": found.plain.p99.toFixed(1),
        "p50 with a tag filter ms": found.tagged.p50.toFixed(1),
        "first pass: of the ten nearest": found.byMeaning.toFixed(3),
        "of the ten best": found.byAll.toFixed(3),
        filters: found.exactFilter ? "exact" : "WRONG",
        "opened in s": (opened / 1000).toFixed(1),
      });
      passed &&= found.exactFilter && found.byMeaning >= 0.98 && found.byAll >= 0.98;
      await engine.close();
    }
  } finally {
    if (given === null) rmSync(folder, { recursive: true, force: true });
  }
  const figures = Object.fromEntries(
    sizes.slice(1).map((size, at) => {
      const ratio = (timings[at + 1] ?? Number.NaN) / (timings[0] ?? Number.NaN);
      return [`${mixed ? "mixed " : ""}recall p50 at ${size} / at ${sizes[0]}`, Math.round(ratio * 100) / 100];
    }),
  );
  for (const [key, value] of Object.entries(figures)) console.log(`${key}: ${value}`);
  if (keep === true) {
    writeResult({
      bench: "scale",
      name: mixed ? "scale-mixed" : "scale",
      command: `scale${mixed ? " --mixed" : ""} --sizes ${sizes.join(",")}`,
      tables: [
        {
          title: mixed ? "Three texts of ten in sessions, with authors, dates and tags" : "Plain texts with tags",
          rows,
          notes: ["In process, without HTTP; embedding of the question included."],
        },
      ],
    });
  }
  if (update === true) {
    writeBaseline("scale", { ...readBaseline("scale"), ...figures });
    return passed;
  }
  // Of the baseline, what was measured now.
  const kept = Object.entries(readBaseline("scale") ?? {}).filter(([key]) => key in figures);
  const noWorse = compare("scale", figures, Object.fromEntries(kept), (was, is) => is <= was * slack);
  return passed && noWorse;
};
