import { createHash } from "node:crypto";
import { closeSync, fstatSync, openSync, readFileSync, readSync } from "node:fs";
import { join } from "node:path";

import { isCairnError } from "@cairn/kernel/error";

import { dataFiles, dataFolder, tableUnusable } from "./data-folder.ts";

/**
 * The data of the built-in model: one row of int8 a wordpiece and one float32 scale a row, the wordpiece's weight
 * folded in. They are read into shared memory, so that any number of worker threads look at one copy of 8 MB.
 *
 * Plain data: it may be posted to a worker as it is.
 */
export interface StaticTable {
  /** `cairn-static-256@` and eight hexadecimal digits that change when the vectors of a text change. */
  readonly modelId: string;
  readonly rows: number;
  readonly dimensions: number;
  /** int8, row-major, `rows` × `dimensions`. */
  readonly weights: SharedArrayBuffer;
  /** float32, little-endian as on every machine that Node 24 runs on, one a row. */
  readonly scales: SharedArrayBuffer;
  /** UTF-8, one wordpiece a line; the line number from 0 is the id. */
  readonly vocabulary: SharedArrayBuffer;
}

/**
 * Counts the changes of the code that alter vectors while the data stay the same: tokenization, chunk borders, the
 * author's prefix, the sum.
 */
const recipe = 2;
const largestFile = 1 << 28;

/**
 * Reads the table, in a few milliseconds. `folder` is a path or a file URL; without it, see `dataFolder`.
 *
 * Throws `embedding.unavailable` when a file is absent or its size does not fit the others; contents are checked by
 * `verifyStaticTable` only.
 */
export const loadStaticTable = (folder?: string | URL): StaticTable => {
  const from = dataFolder(folder);
  try {
    const { rows, dimensions } = readShape(join(from, dataFiles.shape));
    const weights = readShared(join(from, dataFiles.weights));
    const scales = readShared(join(from, dataFiles.scales));
    const vocabulary = readShared(join(from, dataFiles.vocabulary));
    const fits =
      weights.byteLength === rows * dimensions &&
      scales.byteLength === rows * Float32Array.BYTES_PER_ELEMENT &&
      countLines(new Uint8Array(vocabulary)) === rows;
    if (!fits) throw tableUnusable("The files of the built-in embedding table do not fit each other.");
    return { modelId: identify(scales, vocabulary, dimensions), rows, dimensions, weights, scales, vocabulary };
  } catch (error) {
    throw isCairnError(error) ? error : tableUnusable("The built-in embedding table cannot be read.", error);
  }
};

const once = <Value>(make: () => Value): (() => Value) => {
  let made: { readonly value: Value } | undefined;
  return () => (made ??= { value: make() }).value;
};

/** The table that ships with Cairn: read at the first call, the same copy afterwards. Throws like `loadStaticTable`. */
export const sharedStaticTable: () => StaticTable = once(() => loadStaticTable());

/** The wordpieces of a table; the index is the id. */
export const vocabularyOf = (table: StaticTable): readonly string[] =>
  Buffer.from(table.vocabulary).toString("utf8").split("\n").slice(0, table.rows);

const readShape = (path: string): { readonly rows: number; readonly dimensions: number } => {
  const { rows, dim } = Object(JSON.parse(readFileSync(path, "utf8"))) as { rows?: unknown; dim?: unknown };
  if (!isCount(rows) || !isCount(dim)) throw tableUnusable("table.json does not tell rows and dimensions.");
  return { rows, dimensions: dim };
};

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) > 0;

const readShared = (path: string): SharedArrayBuffer => {
  const file = openSync(path, "r");
  try {
    const { size } = fstatSync(file);
    if (size > largestFile) throw tableUnusable("A file of the built-in embedding table is too large.");
    const shared = new SharedArrayBuffer(size);
    const bytes = new Uint8Array(shared);
    for (let at = 0; at < size;) {
      const read = readSync(file, bytes, at, size - at, at);
      if (read === 0) throw tableUnusable("A file of the built-in embedding table became shorter while it was read.");
      at += read;
    }
    return shared;
  } finally {
    closeSync(file);
  }
};

const countLines = (bytes: Uint8Array): number => {
  let lines = 0;
  for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) lines += 1;
  return lines;
};

/**
 * Every fit of the table gives other scales, so hashing these (0.1 MB) and the vocabulary tells tables apart without
 * reading 8 MB of rows.
 */
const identify = (scales: SharedArrayBuffer, vocabulary: SharedArrayBuffer, dimensions: number): string => {
  const hash = createHash("sha256").update(`recipe ${recipe}\n`);
  const digest = hash.update(new Uint8Array(scales)).update(new Uint8Array(vocabulary)).digest("hex");
  return `cairn-static-${dimensions}@${digest.slice(0, 8)}`;
};
