/** Writes what search reads of one text: its entry, its vectors. Part of the transaction that writes the row. */
import type { Millis } from "@cairn/kernel/clock";
import { CairnError } from "@cairn/kernel/error";
import type { PassageVectors } from "@cairn/memory/embedding/embedder";
import { encodeBag, makeBag } from "@cairn/memory/recall/bag";
import { encodeEntry, type Facets, facetName } from "@cairn/memory/recall/entry";
import { type Memory, trustLevels } from "@cairn/memory/memory/memory";
import type { SessionChunk } from "@cairn/memory/recall/query";
import { analyze } from "@cairn/memory/text/analyzer";
import { dateWords } from "@cairn/memory/time/date-words";
import { quantizeRow } from "../arena/quantize.ts";
import type { NameGiver } from "../space/lexicon.ts";
import type { OpenSpace } from "../space/open-space.ts";
import { chunksPerDoc, type docKind } from "../space/space-index.ts";

export interface NewDocument {
  readonly kind: (typeof docKind)[keyof typeof docKind];
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

const asBytes = (array: ArrayBufferView): Uint8Array =>
  new Uint8Array(array.buffer, array.byteOffset, array.byteLength);

/** Throws request.invalid for vectors that are not the model's: one such row would spoil every later question. */
export const checkVectors = (space: OpenSpace, vectors: PassageVectors): void => {
  const { dimensions, id } = space.model;
  if (vectors.every((vector) => vector.length === dimensions && vector.every(Number.isFinite))) return;
  throw new CairnError(
    "request.invalid",
    `A vector does not fit the embedder ${id}: it must hold ${dimensions} finite numbers.`,
  );
};

/** Vectors are left out where the space still holds those of another model; `repair` settles that. */
export const insertVectors = (space: OpenSpace, doc: number, vectors: PassageVectors): void => {
  checkVectors(space, vectors);
  if (!space.index.comparable()) return;
  for (const [chunk, vector] of vectors.slice(0, chunksPerDoc).entries()) {
    const { bytes, scale } = quantizeRow(vector);
    const id = doc * chunksPerDoc + chunk;
    space.write("INSERT INTO q8 (id, scale, bytes) VALUES (?, ?, ?)").run(id, scale, asBytes(bytes));
    space.write("INSERT INTO v (id, f32) VALUES (?, ?)").run(id, asBytes(vector));
  }
};

/** Gives a new version of an unchanged text the vectors of the old one. */
export const copyVectors = (space: OpenSpace, from: number, to: number): void => {
  const bounds = [(to - from) * chunksPerDoc, from * chunksPerDoc, (from + 1) * chunksPerDoc];
  space
    .write("INSERT INTO q8 (id, scale, bytes) SELECT id + ?, scale, bytes FROM q8 WHERE id >= ? AND id < ?")
    .run(...bounds);
  space.write("INSERT INTO v (id, f32) SELECT id + ?, f32 FROM v WHERE id >= ? AND id < ?").run(...bounds);
};

/** The document stands for something that is no longer current. */
export const closeDocument = (space: OpenSpace, doc: number, seq: number, to: Millis): void => {
  space.write("UPDATE docs SET to_at = ?, seq = ? WHERE n = ?").run(to, seq, doc);
};

/** Nothing of the text stays: entry and vectors go, the number remains so that every process hears of it. */
export const eraseDocument = (space: OpenSpace, doc: number, seq: number): void => {
  space.write("UPDATE docs SET entry = NULL, to_at = 0, seq = ? WHERE n = ?").run(seq, doc);
  for (const table of ["q8", "v"]) {
    space.write(`DELETE FROM ${table} WHERE id >= ? AND id < ?`).run(doc * chunksPerDoc, (doc + 1) * chunksPerDoc);
  }
};
