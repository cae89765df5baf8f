/**
 * `npm run bench -- noise` (TEN-4): how much longer one organisation's questions take while another hammers the server
 * with imports over many connections. Through HTTP with a key of each organisation, at a private server, or at one that
 * runs (`--url`, `--keys`). What is kept and compared is the ratio.
 */
import { once } from "node:events";
import { setTimeout as pause } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { compare, type Figures, readBaseline, writeBaseline } from "./baseline.ts";
import { makeCorpus } from "./corpus.ts";
import type { FromHammer, Hammer } from "./noise-importer.ts";
import { type KeyedServer, startKeyedServer } from "./noise-server.ts";
import { mean, type Percentiles, percentiles } from "./statistics.ts";

export interface NoiseOptions {
  /** Of the organisation that imports. */
  readonly connections: number;
  /** How long each measurement beside an import takes. */
  readonly seconds: number;
  /** A running server and a key of each of two organisations: the one that imports, the one that asks. */
  readonly server: Pick<KeyedServer, "url" | "keys"> | null;
  readonly update: boolean;
}

/** TEN-4: the 95th percentile beside the import, over that alone. */
const bar = 1.5;
/** How much worse than the baseline a ratio may be: these are timings on whatever machine runs them. */
const slack = 1.6;
const batch = 250;
const held = 500;
/** Alone and beside an import in turns, so that both see the same minutes of the machine. */
const rounds = 4;
const thinkMs = 5;
const kinds = ["batch", "import"] as const;

const corpus = makeCorpus();
type Seat = Pick<KeyedServer, "url" | "keys">;

const post = async ({ url, keys: [, key] }: Seat, path: string, body: unknown): Promise<void> => {
  const answer = await fetch(new URL(path, url), {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${key}` },
    body: JSON.stringify(body),
  });
  await answer.arrayBuffer();
  if (!answer.ok) throw new Error(`${path} answered ${answer.status} to the one who asks.`);
};

const remember = async (server: Seat): Promise<void> => {
  for (let from = 0; from < held; from += batch) {
    const memories = Array.from({ length: batch }, (_, at) => ({ content: corpus.text(from + at), skip_dedup: true }));
    await post(server, "/v1/remember/batch", { memories });
  }
};

let number = 0;
/** Asks one question after the other for so long, and tells the milliseconds; none comes twice. */
const askFor = async (server: Seat, seconds: number): Promise<readonly number[]> => {
  const times: number[] = [];
  for (const until = performance.now() + 1_000 * seconds; performance.now() < until; await pause(thinkMs)) {
    number += 1;
    const query = `${corpus.question(number % held)} ${number}`;
    const started = performance.now();
    await post(server, "/v1/recall", { query, limit: 10, min_relevance: 0 });
    times.push(performance.now() - started);
  }
  return times;
};

let nextText = 1_000_000;
/** In a thread of its own, so that this one measures nothing but the server. */
const startHammer = async ({ url, keys: [key] }: Seat, kind: Hammer["kind"], connections: number) => {
  nextText += 1_000_000;
  const work: Hammer = { url, key, kind, connections, from: nextText };
  const worker = new Worker(new URL("./noise-importer.ts", import.meta.url), { workerData: work });
  await once(worker, "message");
  const done = once(worker, "message").then(([told]) => told as FromHammer & { readonly event: "done" });
  worker.postMessage("go");
  return {
    stop: () => {
      worker.postMessage("stop");
      return done;
    },
  };
};

interface Measured {
  readonly kind: Hammer["kind"];
  readonly alone: Percentiles;
  readonly beside: Percentiles;
  readonly ratio: number;
  readonly asked: number;
  readonly perSecond: number;
  readonly refused: number;
}

const measure = async (server: Seat, kind: Hammer["kind"], options: NoiseOptions): Promise<Measured> => {
  const [before, during, speeds]: [number[], number[], number[]] = [[], [], []];
  let refused = 0;
  for (let round = 0; round < rounds; round += 1) {
    before.push(...(await askFor(server, options.seconds / 2)));
    const hammer = await startHammer(server, kind, options.connections);
    await pause(300);
    during.push(...(await askFor(server, options.seconds)));
    const told = await hammer.stop();
    if (told.failed > 0) throw new Error(`${told.failed} imports failed.`);
    speeds.push(told.perSecond);
    refused += told.refused;
  }
  const [alone, beside] = [percentiles(before), percentiles(during)];
  const ratio = beside.p95 / alone.p95;
  return { kind, alone, beside, ratio, asked: during.length, perSecond: mean(speeds), refused };
};

const shown = ({ p50, p95 }: Percentiles): string => `${p50.toFixed(1)} / ${p95.toFixed(1)}`;
const namesOf = { batch: "remember/batch", import: "import" } as const;

/** True when no ratio is above the bar and worse than the baseline. */
export const benchNoise = async (options: NoiseOptions): Promise<boolean> => {
  const own = options.server === null ? await startKeyedServer() : null;
  const server = options.server ?? own;
  if (server === null) return false;
  const measured: Measured[] = [];
  try {
    await remember(server);
    await askFor(server, 1);
    for (const kind of kinds) measured.push(await measure(server, kind, options));
  } finally {
    await own?.stop();
  }
  console.table(
    measured.map((one) => ({
      "the other sends": namesOf[one.kind],
      "alone, ms (p50 / p95)": shown(one.alone),
      "beside, ms": shown(one.beside),
      "ratio of p95": one.ratio.toFixed(2),
      questions: one.asked,
      "imported, texts/s": Math.round(one.perSecond),
      "told to come later": one.refused,
    })),
  );
  console.log(`${options.connections} connections import; the bar is ${bar} times at p95.`);
  console.log("Client, server and whatever else runs here share the cores.");
  const figures: Figures = Object.fromEntries(
    measured.map(({ kind, ratio }) => [`${namesOf[kind]}: p95 beside / alone`, Math.round(100 * ratio) / 100]),
  );
  if (options.update) {
    writeBaseline("noise", figures);
    return true;
  }
  return compare("noise", figures, readBaseline("noise"), (was, is) => is <= Math.max(bar, was * slack));
};
