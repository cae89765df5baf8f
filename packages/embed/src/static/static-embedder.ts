import { setImmediate } from "node:timers/promises";
import { CairnError } from "@cairn/kernel/error";
import type { Embedder, PassageText } from "@cairn/memory/embedding/embedder";

import { makeStaticEncoder, type StaticEncoder, type StaticPassage } from "./embed.ts";
import { makeSliceQueue } from "./slice-queue.ts";
import { loadStaticTable, sharedStaticTable, type StaticTable } from "./table.ts";

export interface StaticEmbedderOptions {
  /** Path or file URL of the folder with the table; by default the one that ships with Cairn. */
  readonly dataFolder?: string | URL;
  /** A table already in memory; `dataFolder` is then not read. */
  readonly table?: StaticTable;
}

/** About half a millisecond of work: as much as may be done without giving way to others. */
const inlineCharacters = 6_000;
const slice = { characters: inlineCharacters, passages: 64 } as const;

/**
 * The embedder that ships with Cairn: a table of 8 MB, no download, no network, a sentence in some ten microseconds.
 * Questions and small batches are embedded at once, larger ones in short turns between which other work of the thread
 * runs. A thread of its own would cost 30 MB and gain nothing: storing a memory takes ten times as long as embedding it.
 *
 * Throws `embedding.unavailable` when the table cannot be read; calls reject with it after `close`.
 */
export const makeStaticEmbedder = (options: StaticEmbedderOptions = {}): Embedder => {
  const table =
    options.table ?? (options.dataFolder === undefined ? sharedStaticTable() : loadStaticTable(options.dataFolder));
  let made: StaticEncoder | undefined;
  const encoder = (): StaticEncoder => (made ??= makeStaticEncoder(table));
  const encodeAll = (passages: readonly StaticPassage[]) => passages.map((passage) => encoder().encodePassage(passage));

  let closed = false;
  const whenOpen = (): void => {
    if (closed) throw new CairnError("embedding.unavailable", "The embedder is closed.");
  };

  const enqueue = makeSliceQueue(async (passages) => {
    await setImmediate();
    whenOpen();
    return encodeAll(passages);
  }, slice);

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
    },
  };
};
