/**
 * The search indexes of one space, kept in step with its file: everything committed, by this process or another, is
 * read from `docs` by its log position before a question is answered. There is one way in, so that a write of our own
 * and a neighbour's write cannot be treated differently.
 *
 * Vectors come with their document or later, by `late_vectors`; after a change of model all of them are read anew,
 * while the words stay.
 */
import type { EmbeddingModel } from "@cairn/memory/embedding/embedder";
import { visitNames } from "@cairn/memory/recall/entry";
import { grown } from "@cairn/memory/recall/postings";
import { makeSearchIndex, type SearchIndex } from "@cairn/memory/recall/search-index";
import type { VectorSet } from "@cairn/memory/recall/vector-set";
import { docKind } from "@cairn/memory/write/write-store";
import type { StoredVector, VectorSource } from "@cairn/store/arena/stored-rows";
import type { Sqlite, Statement } from "../open-database.ts";
import type { Lexicon } from "./lexicon.ts";
import { makeReplaceableVectors, type ReplaceableVectors } from "@cairn/store/arena/replaceable-vectors";
import { modelsOf, type SpaceModels } from "./space-models.ts";

export const chunksPerDoc = 1024;

/** `source` reads the same vectors from the file. */
export type MakeVectors = (dimensions: number, source: VectorSource) => VectorSet;

export interface SpaceIndex {
  readonly memories: SearchIndex;
  readonly chunks: SearchIndex;
  /** The space's models, as the snapshot that was last synced has them. */
  readonly models: () => SpaceModels;
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
type VectorRow = readonly [id: number, scale: number, bytes: Uint8Array];

interface Part {
  readonly index: SearchIndex;
  readonly vectors: ReplaceableVectors;
}

const noModels: SpaceModels = { own: null, next: null, epoch: 0 };

export const makeSpaceIndex = (
  reader: Sqlite,
  lexicon: Lexicon,
  makeVectors: MakeVectors,
  configured: EmbeddingModel,
  read: (sql: string) => Statement,
): SpaceIndex => {
  const dataVersion = reader.prepare("PRAGMA data_version").pluck();
  const changed = reader
    .prepare("SELECT n, seq, kind, from_at, to_at, entry FROM docs WHERE seq > ? ORDER BY seq, n")
    .raw();
  const vectorsFrom = reader.prepare("SELECT id, scale, bytes FROM q8 WHERE id >= ? ORDER BY id").raw();
  const vectorsOf = reader.prepare("SELECT id, scale, bytes FROM q8 WHERE id >= ? AND id < ? ORDER BY id").raw();
  const lateAfter = reader.prepare("SELECT DISTINCT doc FROM late_vectors WHERE seq > ? AND doc < ?").pluck();
  const lastLateSeq = reader.prepare("SELECT seq FROM sqlite_sequence WHERE name = 'late_vectors'").pluck();

  function* stored(rows: IterableIterator<VectorRow>): Iterable<StoredVector> {
    for (const [id, scale, bytes] of rows) yield [Math.floor(id / chunksPerDoc), bytes, scale];
  }
  /** Read on the snapshot that the index is in step with: questions are answered on it. */
  const source: VectorSource = {
    all: () => stored(vectorsFrom.iterate(0) as IterableIterator<VectorRow>),
    of: (doc) => stored(vectorsOf.iterate(doc * chunksPerDoc, (doc + 1) * chunksPerDoc) as IterableIterator<VectorRow>),
  };

  let dimensions = configured.dimensions;
  const makePart = (): Part => {
    const vectors = makeReplaceableVectors(makeVectors(dimensions, source));
    return { index: makeSearchIndex(vectors, lexicon), vectors };
  };
  let memories = makePart();
  let chunks = makePart();
  let seenVersion: unknown = null;
  let models = noModels;
  let lastSeq = 0;
  let lastDoc = 0;
  let lastLate = 0;
  // By document: its kind, 0 for what is not indexed.
  let kinds = new Uint8Array(1024);

  /** Forgets everything, to be read anew. */
  const reset = (): void => {
    memories.index.release();
    chunks.index.release();
    memories = makePart();
    chunks = makePart();
    seenVersion = null;
    models = noModels;
    lastSeq = 0;
    lastDoc = 0;
    lastLate = 0;
    kinds = new Uint8Array(1024);
  };

  const isSound = (entry: Uint8Array): boolean => {
    const most = lexicon.last();
    let known = true;
    const whole = visitNames(entry, (name) => {
      if (name > most) known = false;
    });
    return whole && known;
  };

  const partOf = (kind: number): Part => (kind === docKind.memory ? memories : chunks);

  const followDocuments = (): void => {
    const firstNew = lastDoc + 1;
    for (const [n, seq, kind, from, to, entry] of changed.iterate(lastSeq) as IterableIterator<DocRow>) {
      const { index } = partOf(kind);
      lastSeq = seq;
      if (n >= firstNew) {
        lastDoc = Math.max(lastDoc, n);
        // A damaged entry costs its own memory only; the check finds it and the repair makes it anew.
        if (entry === null || !isSound(entry)) continue;
        kinds = grown(kinds, n + 1);
        kinds[n] = kind;
        index.add(n, entry, from, to ?? Number.POSITIVE_INFINITY);
      } else if (entry === null) {
        kinds[n] = 0;
        index.erase(n);
      } else if (to !== null) index.close(n, to);
    }
  };

  const addVector = ([id, scale, bytes]: VectorRow): void => {
    const doc = Math.floor(id / chunksPerDoc);
    const kind = kinds[doc] ?? 0;
    // A damaged vector costs its own text only, too.
    if (kind !== 0 && bytes.length === dimensions) partOf(kind).vectors.add(doc, bytes, scale);
  };

  /** `firstNew` is the first document that was not known before; those before it may have got vectors late. */
  const followVectors = (firstNew: number): void => {
    for (const row of vectorsFrom.iterate(firstNew * chunksPerDoc) as IterableIterator<VectorRow>) addVector(row);
    const last = Number(lastLateSeq.get() ?? 0);
    for (const doc of last > lastLate ? (lateAfter.all(lastLate, firstNew) as number[]) : []) {
      const kind = kinds[doc] ?? 0;
      if (kind === 0) continue;
      partOf(kind).vectors.remove(doc);
      const rows = vectorsOf.iterate(doc * chunksPerDoc, (doc + 1) * chunksPerDoc) as IterableIterator<VectorRow>;
      for (const row of rows) addVector(row);
    }
    lastLate = last;
  };

  const sync = (): void => {
    const version = dataVersion.get();
    if (version === seenVersion) return;
    lexicon.sync();
    try {
      const found = modelsOf(read);
      const firstNew = lastDoc + 1;
      followDocuments();
      const needed = (found.own ?? configured).dimensions;
      const exchanged = found.epoch !== models.epoch || needed !== dimensions;
      if (exchanged) {
        dimensions = needed;
        for (const { vectors } of [memories, chunks]) vectors.replace(makeVectors(dimensions, source));
      }
      models = found;
      followVectors(exchanged ? 0 : firstNew);
    } catch (error) {
      // Half of a change must not stay behind: the next question starts from the file.
      reset();
      throw error;
    }
    seenVersion = version;
  };

  return {
    get memories() {
      return memories.index;
    },
    get chunks() {
      return chunks.index;
    },
    models: () => models,
    sync,
    bytes: () => memories.index.bytes() + chunks.index.bytes(),
    release: () => {
      memories.index.release();
      chunks.index.release();
    },
  };
};
