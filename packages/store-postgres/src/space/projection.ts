/**
 * The search indexes of one space in a server's memory, kept in step with the database: everything that was committed,
 * by whichever server, is read by its log position before a question is answered. The same indexes, built of the same
 * bytes, as the embedded engine's, so that both give the same answer.
 *
 * Several questions may bring one projection up to date at once: what has been read before is passed over.
 */
import type { EmbeddingModel } from "@cairn/memory/embedding/embedder";
import { visitNames } from "@cairn/memory/recall/entry";
import { grown } from "@cairn/memory/recall/postings";
import {
  makeSearchIndex,
  type SearchIndex,
  type SearchRequest,
  type SearchResult,
} from "@cairn/memory/recall/search-index";
import { tuning } from "@cairn/memory/recall/tuning";
import type { VectorSet } from "@cairn/memory/recall/vector-set";
import type { DocumentKind } from "@cairn/memory/write/write-store";
import { makeReplaceableVectors, type ReplaceableVectors } from "@cairn/store/arena/replaceable-vectors";
import type { Connection } from "../connection/pool.ts";
import { makeAuthorLexicon } from "./author-lexicon.ts";
import {
  type Changes,
  changesSince,
  portion,
  type Position,
  type ReadVector,
  vectorsBetween,
} from "./changes-since.ts";

export interface Projection {
  readonly search: (kind: DocumentKind, request: SearchRequest) => SearchResult;
  /** Owners of the documents around one in its session (recall/search-index.ts). */
  readonly around: (kind: DocumentKind, doc: number, distance: number) => readonly number[];
  /** Whether any document that is not erased holds a name of the lexicon. */
  readonly holds: (id: number, name: string) => boolean;
  /** The space's model, null before the first write, and the set of its vectors. */
  readonly own: () => EmbeddingModel | null;
  readonly generation: () => number;
  /** The entry of a document; null where it was erased, and in large spaces, where nobody asks. */
  readonly entryOf: (doc: number) => Uint8Array | null;
  /**
   * Brings the indexes up to what is committed now. A space of `most` texts or more is not begun: the answer is how many
   * it has, and null otherwise.
   */
  readonly follow: (connection: Connection, most?: number) => Promise<number | null>;
  /** Whether they stand at one state of the space: while somebody reads on, half of the next one may be in. */
  readonly isWhole: () => boolean;
  /** Whether it was read of a space that is gone, though one of the same id may be there. */
  readonly isOutlived: () => boolean;
  readonly documents: () => number;
  readonly bytes: () => number;
  readonly release: () => void;
}

export type MakeVectors = (dimensions: number) => VectorSet;

interface Part {
  readonly index: SearchIndex;
  readonly vectors: ReplaceableVectors;
}

const nothing: SearchResult = { candidates: [], total: 0, partial: false };
const start: Position = { seq: 0, doc: 0, vectorsOf: 0, late: 0, author: 0, generation: 0 };
/** By document: 0 for what is not indexed, else the kind; the mark is of one that was read and set aside. */
const setAside = 255;

export const makeProjection = (space: string, configured: EmbeddingModel, makeVectors: MakeVectors): Projection => {
  let dimensions = configured.dimensions;
  const lexicon = makeAuthorLexicon();
  const makePart = (): Part => {
    const vectors = makeReplaceableVectors(makeVectors(dimensions));
    return { index: makeSearchIndex(vectors, lexicon), vectors };
  };
  /** By kind; made when the first document of it comes, for most spaces have one kind only. */
  const parts = new Map<number, Part>();
  const partOf = (kind: number): Part => {
    const found = parts.get(kind) ?? makePart();
    parts.set(kind, found);
    return found;
  };
  const indexes = (): readonly SearchIndex[] => Array.from(parts.values(), ({ index }) => index);
  let position = start;
  let own: EmbeddingModel | null = null;
  let replica: string | null = null;
  let outlived = false;
  /** What there is, as far as anybody has seen: documents, and whether more of them were announced. */
  let lastDoc = 0;
  let moreDocuments = false;
  let kinds = new Uint8Array(256);
  let entries: (Uint8Array | null)[] | null = [];
  let entryBytes = 0;

  const isSound = (entry: Uint8Array, lastName: number): boolean => {
    let known = true;
    return visitNames(entry, (name) => void (name > lastName && (known = false))) && known;
  };

  const keepEntry = (n: number, entry: Uint8Array | null): void => {
    if (entries === null) return;
    entries[n] = entry;
    entryBytes += entry?.length ?? 0;
    if (n < tuning.largeSpace) return;
    entries = null;
    entryBytes = 0;
  };

  const takeDocuments = ({ documents, lastName }: Changes): void => {
    for (const { n, seq, kind, from, to, entry } of documents) {
      if (seq < position.seq || (seq === position.seq && n <= position.doc)) continue;
      position = { ...position, seq, doc: n };
      const known = kinds[n] ?? 0;
      if (known === setAside) continue;
      if (known === 0) {
        kinds = grown(kinds, n + 1);
        // A damaged entry costs its own memory only.
        const sound = entry !== null && isSound(entry, lastName);
        kinds[n] = sound ? kind : setAside;
        if (!sound) continue;
        partOf(kind).index.add(n, entry, from, to);
        keepEntry(n, entry);
      } else if (entry === null) {
        // The kind that was read first counts: what damage took away comes back erased, and of no kind.
        kinds[n] = setAside;
        partOf(known).index.erase(n);
        keepEntry(n, null);
      } else if (to !== Number.POSITIVE_INFINITY) partOf(known).index.close(n, to);
    }
  };

  const takeVectors = (vectors: readonly ReadVector[]): void => {
    const replaced = new Set<number>();
    for (const { doc, scale, bytes } of vectors) {
      const kind = kinds[doc] ?? 0;
      if (kind === 0 || kind === setAside || bytes.length !== dimensions) continue;
      const set = partOf(kind).vectors;
      if (doc <= position.vectorsOf && !replaced.has(doc)) set.remove(doc);
      replaced.add(doc);
      set.add(doc, bytes, scale);
    }
  };

  /** Vectors of the documents up to `upTo` that were not read yet, a portion at a time. */
  const loadVectors = async (connection: Connection, upTo: number): Promise<void> => {
    const { generation } = position;
    while (position.vectorsOf < upTo && position.generation === generation) {
      const after = position.vectorsOf;
      const found = await vectorsBetween(connection, space, generation, after, upTo);
      // They are gone, or will be: the next one to follow reads those of the next generation.
      if (found === null) return;
      if (position.generation !== generation || position.vectorsOf !== after) continue;
      const last = found.at(-1)?.doc ?? upTo;
      // The last document of a full portion may have more vectors than came with it: it is read again.
      const cut = found.length === portion && found[0]?.doc !== last;
      takeVectors(cut ? found.filter(({ doc }) => doc < last) : found);
      position = { ...position, vectorsOf: found.length < portion ? upTo : cut ? last - 1 : last };
    }
  };

  const exchangeVectors = (changes: Changes): void => {
    const needed = (changes.own?.model ?? configured).dimensions;
    own = changes.own?.model ?? null;
    if (changes.generation === position.generation && needed === dimensions) return;
    dimensions = needed;
    for (const { vectors } of parts.values()) vectors.replace(makeVectors(dimensions));
    position = { ...position, generation: changes.generation, vectorsOf: 0, late: changes.late };
  };

  /** Whether somebody else has read as far. */
  const isRead = ({ generation, late, lastDoc: last }: Changes): boolean =>
    position.generation > generation ||
    (position.generation === generation && position.late >= late && position.vectorsOf >= last);

  /** False where it must be asked again, from where the indexes stand by now. */
  const take = async (connection: Connection, asked: Position, changes: Changes): Promise<boolean> => {
    for (const author of changes.authors) {
      if (author.id > position.author) position = { ...position, author: author.id };
      lexicon.add(author);
    }
    takeDocuments(changes);
    lastDoc = Math.max(lastDoc, changes.lastDoc);
    moreDocuments = changes.documents.length === portion;
    if (moreDocuments) return false;
    if (isRead(changes)) return true;
    const sameSet = position.generation === asked.generation && position.late === asked.late;
    if (!sameSet || (position.vectorsOf !== asked.vectorsOf && changes.late > position.late)) return false;
    const fits = asked.generation === changes.generation || asked.vectorsOf === 0;
    exchangeVectors(changes);
    if (fits && position.vectorsOf === asked.vectorsOf) {
      if (changes.vectors.length < portion) {
        takeVectors(changes.vectors);
        position = { ...position, vectorsOf: Math.max(position.vectorsOf, changes.lastDoc), late: changes.late };
        return true;
      }
      takeVectors(changes.vectors.filter(({ doc }) => doc <= asked.vectorsOf));
      position = { ...position, late: changes.late };
    }
    await loadVectors(connection, changes.lastDoc);
    return true;
  };

  const follow: Projection["follow"] = async (connection, most = Number.MAX_SAFE_INTEGER) => {
    for (let done = false; !done && !outlived;) {
      const asked = position;
      const changes = await changesSince(connection, space, asked, most);
      outlived = replica !== null && changes?.replica !== replica;
      if (changes === null || outlived) return null;
      if (changes.tooLarge !== null) return changes.tooLarge;
      replica = changes.replica;
      done = await take(connection, asked, changes);
    }
    return null;
  };

  return {
    search: (kind, request) => parts.get(kind)?.index.search(request) ?? nothing,
    around: (kind, doc, distance) => parts.get(kind)?.index.around(doc, distance) ?? [],
    holds: (id, name) => {
      lexicon.note(id, name);
      return indexes().some((index) => index.holds(id));
    },
    own: () => own,
    generation: () => position.generation,
    entryOf: (doc) => entries?.[doc] ?? null,
    follow,
    isWhole: () => !moreDocuments && position.vectorsOf >= lastDoc,
    isOutlived: () => outlived,
    documents: () => indexes().reduce((sum, index) => sum + index.documents(), 0),
    bytes: () => indexes().reduce((sum, index) => sum + index.bytes(), entryBytes),
    release: () => {
      for (const index of indexes()) index.release();
    },
  };
};
