/** What search reads of one text, as bytes that both engines keep alike (recall/entry.ts), and the end of a document. */
import type { Millis } from "@cairn/kernel/clock";
import { encodeBag, makeBag } from "../recall/bag.ts";
import { asksSomething, tellsTime } from "../recall/cues.ts";
import { encodeEntry, type Facets, facetName } from "../recall/entry.ts";
import { type Memory, trustLevels } from "../memory/memory.ts";
import type { SessionChunk } from "../recall/query.ts";
import { analyze } from "../text/analyzer.ts";
import { dateWords } from "../time/date-words.ts";
import type { WriteStore } from "./write-store.ts";

/** Numbers terms and facet values. */
type NameGiver = Pick<WriteStore, "nameId">;

const none = Number.NaN;
const facet = (names: NameGiver, kind: Parameters<typeof facetName>[0], value: string | null): number =>
  value === null ? 0 : names.nameId(facetName(kind, value));

/** The words under which an author and a date are found beside the text itself. */
const sideTerms = (author: string | null, at: Millis | null): string[] => [
  ...(author === null ? [] : analyze(author)),
  ...(at === null ? [] : analyze(dateWords(at).join(" "))),
];

/** What an entry says beyond the memory itself: its terms, and the normalised names of its entities. */
export interface EntryText {
  readonly terms: readonly string[];
  readonly entities: readonly string[];
}

export const memoryEntry = (
  memory: Memory,
  row: number,
  { terms, entities }: EntryText,
  names: NameGiver,
): Uint8Array => {
  const facets: Facets = {
    owner: row,
    trust: trustLevels.indexOf(memory.trust),
    asks: asksSomething(memory.content),
    tellsTime: tellsTime(memory.content),
    quarantined: memory.quarantined !== null,
    author: facet(names, "author", memory.author),
    session: facet(names, "session", memory.sessionId),
    position: memory.sessionSeq ?? 0,
    category: facet(names, "category", memory.category),
    source: facet(names, "source", memory.sourceInstance),
    key: facet(names, "key", memory.key),
    eventAt: memory.occurredAt ?? memory.createdAt,
    expiresAt: memory.expiresAt ?? none,
    tags: memory.tags.map((tag) => facet(names, "tag", tag)),
    entities: entities.map((entity) => facet(names, "entity", entity)),
  };
  const bag = makeBag(terms, sideTerms(memory.author, memory.occurredAt), names.nameId);
  return encodeEntry(facets, encodeBag(bag));
};

export const chunkEntry = (chunk: SessionChunk, row: number, names: NameGiver): Uint8Array => {
  const facets: Facets = {
    owner: row,
    trust: trustLevels.indexOf("agent"),
    tellsTime: tellsTime(chunk.content),
    author: 0,
    session: facet(names, "session", chunk.sessionId),
    position: chunk.chunkIndex,
    category: 0,
    source: facet(names, "source", chunk.instanceId),
    key: 0,
    eventAt: chunk.startTime,
    expiresAt: none,
    tags: [],
    entities: [],
  };
  return encodeEntry(
    facets,
    encodeBag(makeBag(analyze(chunk.content), sideTerms(null, chunk.startTime), names.nameId)),
  );
};

/**
 * A row that names its document before there is one must not name another's. Not a coded error: those refuse one item
 * before anything of it is written, and this must end the transaction.
 */
export const checkAnnounced = (doc: number, expected: number): void => {
  if (doc !== expected) throw new Error("A document was given another number than was announced.");
};

/** The document stands for something that is no longer current. */
export const closeDocument = (store: WriteStore, doc: number, seq: number, to: Millis): void => {
  store.closeDocument(doc, seq, to);
  store.awaitLast(doc);
};

/** Nothing of the text stays: entry and vectors go. */
export const eraseDocument = (store: WriteStore, doc: number, seq: number): void => {
  store.eraseEntry(doc, seq);
  store.eraseVectors(doc);
};
