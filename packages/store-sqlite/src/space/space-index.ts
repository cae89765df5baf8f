/**
 * The search indexes of one space, kept in step with its file: everything committed, by this process or another, is
 * read from `docs` by its log position before a question is answered. There is one way in, so that a write of our own
 * and a neighbour's write cannot be treated differently.
 */
import { visitNames } from "@cairn/memory/recall/entry";
import { makeSearchIndex, type SearchIndex } from "@cairn/memory/recall/search-index";
import type { VectorSet } from "@cairn/memory/recall/vector-set";
import type { Sqlite } from "../open-database.ts";
import type { Lexicon } from "./lexicon.ts";

export const docKind = { memory: 1, chunk: 2 } as const;
export const chunksPerDoc = 1024;

export interface SpaceIndex {
  readonly memories: SearchIndex;
  readonly chunks: SearchIndex;
  /** Whether the vectors of this space are of the model that questions come in. */
  readonly comparable: () => boolean;
  /** Brings the indexes up to the reader's snapshot; call inside a read transaction. Cheap when nothing changed. */
  readonly sync: () => void;
  readonly bytes: () => number;
  readonly release: () => void;
}

type DocRow = readonly [
  n: number,
  seq: number,
  kind: number,
  from: number,
  to: number | null,
  entry: Uint8Array | null,
];

export const makeSpaceIndex = (
  reader: Sqlite,
  lexicon: Lexicon,
  makeVectors: () => VectorSet,
  model: string,
): SpaceIndex => {
  let memories = makeSearchIndex(makeVectors(), lexicon);
  let chunks = makeSearchIndex(makeVectors(), lexicon);
  const dataVersion = reader.prepare("PRAGMA data_version").pluck();
  const changed = reader
    .prepare("SELECT n, seq, kind, from_at, to_at, entry FROM docs WHERE seq > ? ORDER BY seq, n")
    .raw();
  const vectorsOf = reader.prepare("SELECT id, scale, bytes FROM q8 WHERE id >= ? ORDER BY id").raw();
  const boundModel = reader.prepare("SELECT value FROM meta WHERE key = 'embedding_model'").pluck();
  let seenVersion: unknown = null;
  let seenModel: unknown = null;
  let lastSeq = 0;
  let lastDoc = 0;

  /** Forgets everything, to be read anew. */
  const reset = (): void => {
    memories.release();
    chunks.release();
    memories = makeSearchIndex(makeVectors(), lexicon);
    chunks = makeSearchIndex(makeVectors(), lexicon);
    seenVersion = null;
    lastSeq = 0;
    lastDoc = 0;
  };

  const isSound = (entry: Uint8Array): boolean => {
    const most = lexicon.last();
    let known = true;
    const whole = visitNames(entry, (name) => {
      if (name > most) known = false;
    });
    return whole && known;
  };

  const follow = (comparable: boolean): void => {
    const firstNew = lastDoc + 1;
    const kinds = new Map<number, SearchIndex>();
    for (const [n, seq, kind, from, to, entry] of changed.iterate(lastSeq) as IterableIterator<DocRow>) {
      const index = kind === docKind.memory ? memories : chunks;
      lastSeq = seq;
      if (n >= firstNew) {
        lastDoc = Math.max(lastDoc, n);
        // A damaged entry costs its own memory only; the check finds it and the repair makes it anew.
        if (entry === null || !isSound(entry)) continue;
        kinds.set(n, index);
        index.add(n, entry, from, to ?? Number.POSITIVE_INFINITY);
      } else if (entry === null) index.erase(n);
      else if (to !== null) index.close(n, to);
    }
    // Vectors of two models are never compared: those of another stay out until they are made anew.
    if (!comparable) return;
    for (const [id, scale, bytes] of vectorsOf.iterate(firstNew * chunksPerDoc) as IterableIterator<
      [number, number, Uint8Array]
    >) {
      const doc = Math.floor(id / chunksPerDoc);
      kinds.get(doc)?.addVector(doc, bytes, scale);
    }
  };

  const sync = (): void => {
    const version = dataVersion.get();
    if (version === seenVersion) return;
    lexicon.sync();
    const bound = boundModel.get() ?? model;
    if (seenModel !== null && bound !== seenModel) reset();
    seenModel = bound;
    try {
      follow(bound === model);
    } catch (error) {
      // Half of a change must not stay behind: the next question starts from the file.
      reset();
      throw error;
    }
    seenVersion = version;
  };

  return {
    get memories() {
      return memories;
    },
    get chunks() {
      return chunks;
    },
    comparable: () => seenModel === model,
    sync,
    bytes: () => memories.bytes() + chunks.bytes(),
    release: () => {
      memories.release();
      chunks.release();
    },
  };
};
