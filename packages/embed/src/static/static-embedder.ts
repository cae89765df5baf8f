import { setImmediate } from "node:timers/promises";

import type { Embedder, PassageText } from "@cairn/memory/embedding/embedder";

import { makeStaticEncoder, type StaticEncoder, type StaticPassage } from "./embed.ts";
import { embeddingUnavailable, makeEmbedThread, type SliceEmbedder } from "./embed-thread.ts";
import { makeSliceQueue } from "./slice-queue.ts";
import { loadStaticTable, sharedStaticTable, type StaticTable } from "./table.ts";

export interface StaticEmbedderOptions {
  /** Path or file URL of the folder with the table; by default the one that ships with Cairn. */
  readonly dataFolder?: string | URL;
  /** A table already in memory; `dataFolder` is then not read. */
  readonly table?: StaticTable;
  /** Whether large batches go to a worker thread (the default) or are done here in short turns. */
  readonly worker?: boolean;
  /** The module of the worker thread, where a bundler has moved it. */
  readonly workerUrl?: URL;
}

/** About half a millisecond of work: less than handing it to a thread and back would cost a waiting caller. */
const inlineCharacters = 6_000;
/** A few milliseconds of a thread's time. */
const threadSlice = { characters: 32_768, passages: 256 } as const;
const inlineSlice = { characters: inlineCharacters, passages: 64 } as const;

/**
 * The embedder that ships with Cairn: a table of 8 MB, no download, no network, a sentence in some ten microseconds.
 * Questions and small batches are embedded at once on the calling thread, larger batches in a worker thread.
 *
 * Throws `embedding.unavailable` when the table cannot be read; calls reject with it after `close` or when the thread
 * dies twice over the same passages.
 */
export const makeStaticEmbedder = (options: StaticEmbedderOptions = {}): Embedder => {
  const table =
    options.table ?? (options.dataFolder === undefined ? sharedStaticTable() : loadStaticTable(options.dataFolder));
  let made: StaticEncoder | undefined;
  const encoder = (): StaticEncoder => (made ??= makeStaticEncoder(table));
  const encodeAll = (passages: readonly StaticPassage[]) => passages.map((passage) => encoder().encodePassage(passage));

  let closed = false;
  const whenOpen = (): void => {
    if (closed) throw embeddingUnavailable("The embedder is closed.");
  };

  const inTurns: SliceEmbedder = {
    embed: async (passages) => {
      await setImmediate();
      whenOpen();
      return encodeAll(passages);
    },
    close: async () => {},
  };
  const workerUrl = options.workerUrl ?? new URL("./embed-worker.ts", import.meta.url);
  const slices = options.worker === false ? inTurns : makeEmbedThread(table, workerUrl);
  const enqueue = makeSliceQueue(
    (passages) => {
      whenOpen();
      return slices.embed(passages);
    },
    options.worker === false ? inlineSlice : threadSlice,
  );

  return {
    model: { id: table.modelId, dimensions: table.dimensions, provider: "builtin" },
    embedQuery: async (text) => {
      whenOpen();
      return encoder().encodeQuery(text);
    },
    embedPassages: async (passages: readonly PassageText[]) => {
      whenOpen();
      const read = passages.map(({ content, author }) => ({ content, author }));
      const characters = read.reduce((total, { content }) => total + content.length, 0);
      return characters <= inlineCharacters && read.length <= inlineCharacters / 10 ? encodeAll(read) : enqueue(read);
    },
    close: async () => {
      closed = true;
      await slices.close();
    },
  };
};
