/**
 * `npm run bench -- queue` (EMB-4): how much longer one tenant's questions take while another imports, with the
 * built-in embedder and with a service that takes a fixed time a call; and how often the service is really asked when
 * several want the same texts. Through HTTP, with a private server. What is kept and compared are ratios.
 */
import { once } from "node:events";
import { setTimeout as pause } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { compare, type Figures, readBaseline, writeBaseline } from "./baseline.ts";
import { makeCorpus } from "./corpus.ts";
import { type EmbeddingService, startEmbeddingService } from "./embedding-service.ts";
import type { FromImporter, Import } from "./fairness-importer.ts";
import { type ResultTable, type Row, writeResult } from "./result-file.ts";
import { type BenchServer, startServer } from "./server.ts";
import { mean, type Percentiles, percentiles } from "./statistics.ts";

export interface QueueOptions {
  /** How many texts one tenant imports while the other asks. */
  readonly texts: number;
  readonly update: boolean;
  readonly keep: boolean;
  readonly checkout: string | null;
  readonly command: string;
}

/** EMB-4: the 95th percentile beside an import, over that alone. */
const bar = 1.5;
/** How much worse than the baseline a ratio may be: these are timings on whatever machine runs them. */
const slack = 1.6;
const batch = 250;
const held = 500;
/** Alone and beside an import in turns, so that both see the same minutes of the machine. */
const rounds = 3;
const aloneEach = 100;
const thinkMs = 5;
const settleWithin = 60_000;
const service = { callMs: 25, textMs: 0.2 } as const;

const corpus = makeCorpus();

const importTexts = async (server: BenchServer, space: string, from: number, count: number): Promise<void> => {
  for (let start = from; start < from + count; start += batch) {
    const memories = Array.from({ length: Math.min(batch, from + count - start) }, (_, at) => ({
      content: corpus.text(start + at),
      skip_dedup: true,
      space,
    }));
    await server.post("/v1/remember/batch", { memories, space });
  }
};

/** Asks one question after the other as long as `more` says, and tells the milliseconds; none comes twice. */
const makeAsk = (server: BenchServer): ((more: (asked: number) => boolean) => Promise<readonly number[]>) => {
  let number = 0;
  return async (more) => {
    const times: number[] = [];
    while (more(times.length)) {
      number += 1;
      const query = `${corpus.question(number % held)} ${number}`;
      const started = performance.now();
      await server.post("/v1/recall", { query, limit: 10, min_relevance: 0, space: "asker" });
      times.push(performance.now() - started);
      await pause(thinkMs);
    }
    return times;
  };
};

/** An import in a thread of its own, so that this one measures nothing but the server. */
const startImport = async (server: BenchServer, texts: number, from: number) => {
  const work: Import = { url: server.url, space: "importer", texts, batch, together: 2, from };
  const worker = new Worker(new URL("./fairness-importer.ts", import.meta.url), { workerData: work });
  await once(worker, "message");
  const done = once(worker, "message").then(([told]) => told as FromImporter & { readonly event: "done" });
  worker.postMessage("go");
  let over = false;
  const ended = done.finally(() => {
    over = true;
  });
  return { ended, over: () => over };
};

/** Until the service has not been asked for a while: vectors may follow after a write was answered. */
const untilQuiet = async (far: EmbeddingService): Promise<void> => {
  const until = performance.now() + settleWithin;
  for (let before = -1; performance.now() < until && before !== far.counts().texts; await pause(1_500)) {
    before = far.counts().texts;
  }
};

interface Beside {
  readonly embedder: string;
  readonly alone: Percentiles;
  readonly during: Percentiles;
  readonly asked: number;
  readonly perSecond: number;
  readonly ratio: number;
}

const measureBeside = async (server: BenchServer, embedder: string, texts: number): Promise<Beside> => {
  for (const name of ["asker", "importer"]) await server.post("/v1/spaces", { name });
  await importTexts(server, "asker", 0, held);
  const askWhile = makeAsk(server);
  await askWhile((asked) => asked < 50);
  const [before, during, speeds]: [number[], number[], number[]] = [[], [], []];
  const share = Math.ceil(texts / rounds);
  for (let round = 0; round < rounds; round++) {
    before.push(...(await askWhile((asked) => asked < aloneEach)));
    const { ended, over } = await startImport(server, share, 1_000_000 + round * share);
    during.push(...(await askWhile(() => !over())));
    speeds.push((await ended).perSecond);
  }
  if (during.length < aloneEach) console.log(`Only ${during.length} questions fell into the import: raise --texts.`);
  const [alone, beside] = [percentiles(before), percentiles(during)];
  const ratio = beside.p95 / alone.p95;
  return { embedder, alone, during: beside, asked: during.length, perSecond: mean(speeds), ratio };
};

interface Shared {
  readonly what: string;
  readonly wanted: number;
  readonly asked: number;
}

const measureSharing = async (server: BenchServer, far: EmbeddingService): Promise<readonly Shared[]> => {
  for (const name of ["first", "second", "third"]) await server.post("/v1/spaces", { name });
  await untilQuiet(far);
  const start = far.counts().texts;
  await Promise.all(["first", "second"].map((space) => importTexts(server, space, 5_000_000, batch)));
  await untilQuiet(far);
  const both = far.counts().texts;
  await importTexts(server, "third", 5_000_000, batch);
  await untilQuiet(far);
  return [
    { what: "two tenants import the same texts at once", wanted: 2 * batch, asked: both - start },
    { what: "a third imports them again", wanted: batch, asked: far.counts().texts - both },
  ];
};

const besideRow = (one: Beside): Row => ({
  embedder: one.embedder,
  "alone, ms (p50 / p95)": `${one.alone.p50.toFixed(1)} / ${one.alone.p95.toFixed(1)}`,
  "during an import, ms": `${one.during.p50.toFixed(1)} / ${one.during.p95.toFixed(1)}`,
  "ratio of p95": one.ratio.toFixed(2),
  questions: one.asked,
  "imported, texts/s": Math.round(one.perSecond).toLocaleString("en"),
});

const measureService = async (
  options: QueueOptions,
): Promise<{ readonly beside: Beside; readonly shared: readonly Shared[] } | string> => {
  const far = await startEmbeddingService(service.callMs, service.textMs);
  try {
    const env = {
      CAIRN_EMBEDDER: "openai",
      CAIRN_EMBEDDING_URL: far.url,
      CAIRN_EMBEDDING_MODEL: "bench",
      CAIRN_EMBEDDING_DIMENSIONS: "64",
    };
    const server = await startServer({ env, ...(options.checkout === null ? {} : { checkout: options.checkout }) });
    try {
      const beside = await measureBeside(server, `service (${service.callMs} ms a call)`, options.texts);
      if (far.counts().texts === 0) return "the server did not ask the service: this version has no such embedder";
      return { beside, shared: await measureSharing(server, far) };
    } finally {
      await server.stop();
    }
  } finally {
    await far.close();
  }
};

const measureBuiltin = async ({ checkout, texts }: QueueOptions): Promise<Beside> => {
  const server = await startServer(checkout === null ? {} : { checkout });
  try {
    return await measureBeside(server, "built in", texts);
  } finally {
    await server.stop();
  }
};

/** True when no ratio is worse than the baseline and the service was measured. */
export const benchQueue = async (options: QueueOptions): Promise<boolean> => {
  const own = await measureBuiltin(options);
  const far = await measureService(options);
  const rows = [besideRow(own), ...(typeof far === "string" ? [] : [besideRow(far.beside)])];
  console.table(rows);
  console.log(`The bar is ${bar} times at p95; client, server and whatever else runs here share the cores.`);
  if (typeof far === "string") console.log(`NOT MEASURED with a service: ${far}.`);
  const shared = typeof far === "string" ? [] : far.shared;
  for (const { what, wanted, asked } of shared) {
    console.log(`${what}: ${wanted} texts wanted, ${asked} asked of the service.`);
  }
  const figures: Figures = {
    "built in: p95 during / alone": Math.round(100 * own.ratio) / 100,
    ...(typeof far === "string" ? {} : { "service: p95 during / alone": Math.round(100 * far.beside.ratio) / 100 }),
  };
  if (options.keep) {
    const beside: ResultTable = {
      title: `Questions beside an import of ${options.texts.toLocaleString("en")} texts`,
      rows,
      notes: typeof far === "string" ? [`**Not measured** with a service: ${far}.`] : [],
    };
    const sharing: ResultTable = {
      title: "The same texts, wanted by several",
      rows: shared.map(({ what, wanted, asked }) => ({
        when: what,
        "texts wanted": wanted,
        "asked of the service": asked,
      })),
    };
    const tables = shared.length === 0 ? [beside] : [beside, sharing];
    writeResult({ bench: "queue", name: "queue", command: options.command, tables });
  }
  if (options.update) {
    writeBaseline("queue", figures);
    return true;
  }
  const good = compare("queue", figures, readBaseline("queue"), (was, is) => is <= Math.max(bar, was * slack));
  return good && typeof far !== "string";
};
