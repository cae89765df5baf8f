/** Writes what search reads of one text. Part of the transaction that writes the row; `document-vectors.ts` adds vectors. */
import type { Millis } from "@cairn/kernel/clock";
import { encodeBag, makeBag } from "@cairn/memory/recall/bag";
import { asksSomething, tellsTime } from "@cairn/memory/recall/cues";
import { encodeEntry, type Facets, facetName } from "@cairn/memory/recall/entry";
import { type Memory, trustLevels } from "@cairn/memory/memory/memory";
import type { SessionChunk } from "@cairn/memory/recall/query";
import { analyze } from "@cairn/memory/text/analyzer";
import { dateWords } from "@cairn/memory/time/date-words";
import type { NameGiver } from "../space/lexicon.ts";
import type { OpenSpace } from "../space/open-space.ts";
import { awaitLast, type DocumentKind, eraseVectors } from "./document-vectors.ts";

export interface NewDocument {
  readonly kind: DocumentKind;
  readonly owner: number;
  readonly version: number;
  readonly seq: number;
  readonly from: Millis;
  readonly entry: Uint8Array;
}

const none = Number.NaN;
const facet = (names: NameGiver, kind: Parameters<typeof facetName>[0], value: string | null): number =>
  value === null ? 0 : names.idOf(facetName(kind, value));

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
  const bag = makeBag(terms, sideTerms(memory.author, memory.occurredAt), names.idOf);
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
  return encodeEntry(facets, encodeBag(makeBag(analyze(chunk.content), sideTerms(null, chunk.startTime), names.idOf)));
};

/** Returns the document's number. */
export const insertDocument = (space: OpenSpace, document: NewDocument): number =>
  Number(
    space
      .write("INSERT INTO docs (seq, kind, owner, version, from_at, entry) VALUES (?, ?, ?, ?, ?, ?)")
      .run(document.seq, document.kind, document.owner, document.version, document.from, document.entry)
      .lastInsertRowid,
  );

/** The document stands for something that is no longer current. */
export const closeDocument = (space: OpenSpace, doc: number, seq: number, to: Millis): void => {
  space.write("UPDATE docs SET to_at = ?, seq = ? WHERE n = ?").run(to, seq, doc);
  awaitLast(space, doc);
};

/** Nothing of the text stays: entry and vectors go, the number remains so that every process hears of it. */
export const eraseDocument = (space: OpenSpace, doc: number, seq: number): void => {
  space.write("UPDATE docs SET entry = NULL, to_at = 0, seq = ? WHERE n = ?").run(seq, doc);
  eraseVectors(space, doc);
};
