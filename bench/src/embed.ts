/**
 * `npm run bench -- embed`: what a text costs, by embedder: short and long, one at a time and all at once, and again
 * when the cache knows it. In this process, through the queue that the server has; no HTTP of Cairn's in between.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { openDiskCache } from "@cairn/embed/cache/disk-cache";
import { makeVectorCache, type VectorCache } from "@cairn/embed/cache/vector-cache";
import type { Embedder, PassageText } from "@cairn/memory/embedding/embedder";
import { builtin, embedderSetting, openEmbedder } from "./embedders.ts";
import { startEmbeddingService } from "./embedding-service.ts";
import { type Row, writeResult } from "./result-file.ts";
import { readSet } from "./sets/read-set.ts";
import { percentiles } from "./statistics.ts";

export interface EmbedOptions {
  readonly embedders: readonly string[] | null;
  readonly keep: boolean;
  readonly command: string;
}

const megabyte = 1_048_576;
const singles = { turns: 150, documents: 20 } as const;
/** What the service that stands for one far away takes for a call, and more for a text. */
const service = { callMs: 20, textMs: 0.1 } as const;

type Kind = keyof typeof singles;

/** Turns of a conversation (about 20 words) and documents (190 to 500), each unlike every other. */
const textsOf = (kind: Kind): readonly PassageText[] => {
  const { spaces } = readSet(join(import.meta.dirname, "../data/household.jsonl"));
  const memories = spaces.filter(({ name }) => (name === "handbook") === (kind === "documents"));
  const contents = new Set(memories.flatMap((space) => space.memories.map(({ content }) => content)));
  return [...contents].map((content) => ({ content, author: null, occurredAt: null }));
};

const timed = async (work: () => Promise<unknown>): Promise<number> => {
  const started = performance.now();
  await work();
  return performance.now() - started;
};

const perSecond = (texts: number, milliseconds: number): string =>
  Math.round(texts / (milliseconds / 1000)).toLocaleString("en");

const oneByOne = async (embedder: Embedder, texts: readonly PassageText[]): Promise<string> => {
  const times: number[] = [];
  for (const text of texts) times.push(await timed(() => embedder.embedPassages([text])));
  const { p50, p95 } = percentiles(times);
  return `${p50.toFixed(2)} / ${p95.toFixed(2)}`;
};

interface Caches {
  /** A fresh memory level over the same disk. */
  readonly open: () => VectorCache;
}

const measureKind = async (given: string, title: string, kind: Kind, caches: Caches): Promise<Row> => {
  const texts = textsOf(kind);
  const some = texts.slice(0, singles[kind]);
  const run = async <T>(cache: VectorCache | undefined, work: (embedder: Embedder) => Promise<T>): Promise<T> => {
    const embedder = await openEmbedder(given, cache);
    try {
      // The first text pays for what is opened lazily.
      await embedder.embedPassages([{ content: "Is anybody there?", author: null, occurredAt: null }]);
      return await work(embedder);
    } finally {
      await embedder.close();
      cache?.close();
    }
  };
  const single = await run(undefined, (embedder) => oneByOne(embedder, some));
  const [cold, memory] = await run(caches.open(), async (embedder) => [
    await timed(() => embedder.embedPassages(texts)),
    await timed(() => embedder.embedPassages(texts)),
  ]);
  const disk = await run(caches.open(), (embedder) => timed(() => embedder.embedPassages(texts)));
  const cached = given !== builtin;
  return {
    embedder: title,
    texts: `${texts.length} ${kind}`,
    "one at a time, ms (p50 / p95)": single,
    "together, texts/s": perSecond(texts.length, cold ?? Number.NaN),
    "from memory, texts/s": cached ? perSecond(texts.length, memory ?? Number.NaN) : null,
    "from disk, texts/s": cached ? perSecond(texts.length, disk) : null,
  };
};

const measure = async (given: string, title: string): Promise<readonly Row[]> => {
  const rows: Row[] = [];
  for (const kind of ["turns", "documents"] as const) {
    const folder = mkdtempSync(join(tmpdir(), "cairn-embed-"));
    const open = (): VectorCache =>
      makeVectorCache({
        memoryBytes: 64 * megabyte,
        disk: openDiskCache({ folder, bytes: 256 * megabyte, warn: console.error }),
      });
    try {
      rows.push(await measureKind(given, title, kind, { open }));
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
  return rows;
};

const title = (given: string): string => (given === builtin ? "built in" : basename(given));

/** Prints and keeps what was measured; there is nothing to be worse than. */
export const benchEmbed = async (options: EmbedOptions): Promise<boolean> => {
  const rows: Row[] = [];
  for (const given of options.embedders ?? [builtin]) {
    rows.push(...(await measure(embedderSetting(given), title(given))));
  }
  const far = await startEmbeddingService(service.callMs, service.textMs);
  try {
    rows.push(...(await measure(far.url, `service (${service.callMs} ms a call)`)));
  } finally {
    await far.close();
  }
  console.table(rows);
  if (options.keep) {
    const notes = [
      "One thread a model. The built-in table has no cache: looking a text up would cost as much as embedding it.",
      `The service stands for one far away: ${service.callMs} ms a call and ${service.textMs} ms a text, on loopback.`,
    ];
    const tables = [{ title: "Texts of two lengths, by embedder", rows, notes }];
    writeResult({ bench: "embed", name: "embed", command: options.command, tables });
  }
  return true;
};
