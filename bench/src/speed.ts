/**
 * `npm run bench -- speed` (1k and 10k memories, or other sizes): ingest, single durable writes, recall over
 * HTTP with embedding included, restart and memory, in one run. Machines differ, so what is kept and compared are
 * ratios; the milliseconds are printed to be read.
 */
import { compare, readBaseline, writeBaseline } from "./baseline.ts";
import { makeCorpus } from "./corpus.ts";
import { type Row, writeResult } from "./result-file.ts";
import { type BenchServer, startServer } from "./server.ts";
import { percentiles } from "./statistics.ts";

const batch = 500;
const questions = 300;
const writes = 100;

const timed = async (work: () => Promise<unknown>): Promise<number> => {
  const started = performance.now();
  await work();
  return performance.now() - started;
};

const measureAt = async (server: BenchServer, from: number, to: number) => {
  const corpus = makeCorpus();
  const space = "bench";
  const ingest = await timed(async () => {
    for (let start = from; start < to; start += batch) {
      const memories = Array.from({ length: Math.min(batch, to - start) }, (_, at) => ({
        content: corpus.text(start + at),
        space,
      }));
      await server.post("/v1/remember/batch", { memories, space });
    }
  });
  const ask = (index: number): Promise<unknown> =>
    server.post("/v1/recall", { query: corpus.question(index), limit: 10, min_relevance: 0, space });
  for (let warm = 0; warm < 30; warm++) await ask(warm);
  const recalls: number[] = [];
  for (let index = 0; index < questions; index++) recalls.push(await timed(() => ask((index * 7919) % to)));
  const single: number[] = [];
  for (let index = 0; index < writes; index++) {
    single.push(
      await timed(() =>
        server.post("/v1/remember", { content: `${corpus.text(10_000_000 + to + index)} noted`, space }),
      ),
    );
  }
  return {
    perSecond: (to - from) / (ingest / 1000),
    recall: percentiles(recalls),
    write: percentiles(single),
    residentMb: server.residentMb(),
  };
};

const round = (value: number): number => Math.round(value * 100) / 100;

/** How much worse than the baseline a ratio may be: these are timings on whatever machine runs them. */
const slack = 1.6;

export interface SpeedOptions {
  readonly update: boolean;
  /** Keeps the figures for docs/benchmarks.md. */
  readonly keep: boolean;
  readonly checkout: string | null;
  readonly command: string;
}

type Measured = Awaited<ReturnType<typeof measureAt>>;

const rowOf = (size: number, at: Measured, restart: number): Row => ({
  memories: size.toLocaleString("en"),
  "stored a second": Math.round(at.perSecond).toLocaleString("en"),
  "recall p50 / p99, ms": `${at.recall.p50.toFixed(1)} / ${at.recall.p99.toFixed(1)}`,
  "single write p50 / p99, ms": `${at.write.p50.toFixed(1)} / ${at.write.p99.toFixed(1)}`,
  "restart to first answer, ms": Math.round(restart).toLocaleString("en"),
  "resident, MB": Math.round(at.residentMb),
});

/** `sizes` in rising order. True when no ratio is worse than the baseline of these sizes. */
export const benchSpeed = async (sizes: readonly number[], options: SpeedOptions): Promise<boolean> => {
  const { update, keep, checkout, command } = options;
  const name = `speed-to-${sizes.at(-1) ?? 0}`;
  const server = await startServer(checkout === null ? {} : { checkout });
  const figures: Record<string, number> = {};
  const rows: Row[] = [];
  try {
    await server.post("/v1/spaces", { name: "bench" });
    const recallAt = new Map<number, number>();
    let from = 0;
    console.log("memories   stored/s  recall p50    p99  write p50    p99  restart  resident MB");
    for (const size of sizes) {
      const at = await measureAt(server, from, size);
      const restart = await server.restart();
      from = size;
      recallAt.set(size, at.recall.p50);
      rows.push(rowOf(size, at, restart));
      const cells = [
        at.perSecond.toFixed(0).padStart(9),
        at.recall.p50.toFixed(2).padStart(11),
        at.recall.p99.toFixed(2).padStart(6),
        at.write.p50.toFixed(2).padStart(10),
        at.write.p99.toFixed(2).padStart(6),
        restart.toFixed(0).padStart(8),
        at.residentMb.toFixed(0).padStart(12),
      ];
      console.log(`${String(size).padStart(8)} ${cells.join(" ")}`);
    }
    const [first = 0] = sizes;
    for (const size of sizes.slice(1)) {
      figures[`recall p50 at ${size} / at ${first}`] = round(
        (recallAt.get(size) ?? Number.NaN) / (recallAt.get(first) ?? Number.NaN),
      );
    }
  } finally {
    await server.stop();
  }
  if (keep) {
    const title = `Batches of ${batch}, sentences of 10 to 24 words`;
    const notes = Object.entries(figures).map(([key, value]) =>
      `${key}: ${value}.`.replace(/^./, (letter) => letter.toUpperCase()),
    );
    writeResult({ bench: "speed", name: "speed", command, tables: [{ title, rows, notes }] });
  }
  for (const [key, value] of Object.entries(figures)) console.log(`${key}: ${value}`);
  if (update) {
    writeBaseline(name, figures);
    return true;
  }
  return compare(name, figures, readBaseline(name), (was, is) => is <= was * slack);
};
