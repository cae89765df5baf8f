/**
 * What the rules of writing ask of an engine: one transaction on one space, synchronously. The rules (this folder) are
 * one for all engines; an engine is where the rows are. The embedded engine asks its file. The cloud engine runs the
 * rules on what it has loaded, learns what they asked for in vain, and runs them again on that (store-postgres/write).
 * So nothing here may have an effect before the transaction commits, and every number is given in the order of calls.
 *
 * Rows, documents, entities and lexicon entries are numbered by the engine; a number is never given twice.
 */
import type { Millis } from "@cairn/kernel/clock";
import type { Change } from "../change/change.ts";
import type { EmbeddingModel, PassageVectors } from "../embedding/embedder.ts";
import type { Memory } from "../memory/memory.ts";
import type { Sameness } from "../memory/sameness.ts";
import type { SessionChunk } from "../recall/query.ts";
import type { SessionMessage } from "../space/engine.ts";

export const memoryState = { live: 0, superseded: 1, deleted: 2 } as const;
export type MemoryState = (typeof memoryState)[keyof typeof memoryState];

export interface StoredMemory {
  readonly row: number;
  /** Its current document. */
  readonly doc: number;
  readonly state: MemoryState;
  readonly memory: Memory;
}

/** Which memories count as there: not expired at `now`, and where `trusted`, not held back either. */
export interface Standing {
  readonly now: Millis;
  readonly trusted: boolean;
}

export interface LookAlike {
  readonly id: string;
  readonly doc: number;
  readonly content: string;
}

export const docKind = { memory: 1, chunk: 2 } as const;
export type DocumentKind = (typeof docKind)[keyof typeof docKind];

export interface NewDocument {
  readonly kind: DocumentKind;
  /** The row of the memory or chunk. */
  readonly owner: number;
  readonly version: number;
  /** The change that made it. */
  readonly seq: number;
  readonly from: Millis;
  /** recall/entry.ts */
  readonly entry: Uint8Array;
}

export interface StoredDocument {
  readonly n: number;
  readonly version: number;
  /** Null once erased. */
  readonly entry: Uint8Array | null;
}

/** The models of a space: its own, whose vectors questions are compared with, and the one that it changes to. */
export interface ModelPair {
  /** Null before the first write. */
  readonly own: EmbeddingModel | null;
  readonly next: EmbeddingModel | null;
}

/** One of the two sets of vectors that a space may hold. */
export type VectorSlot = "own" | "next";

/** In which order vectors are made: what is asked for most comes first. */
export const vectorRank = { memory: 0, chunk: 1, closed: 2 } as const;
export type VectorRank = (typeof vectorRank)[keyof typeof vectorRank];

export interface StoredEntity {
  readonly id: number;
  readonly type: string;
}

export interface StoredClaim {
  readonly memory: number;
  readonly value: string;
  readonly negated: boolean;
}

/** A change as the log keeps it; `fields` and `overwrites` are JSON, null once purged. */
export interface LogEntry extends Omit<Change, "seq" | "dot" | "fields"> {
  readonly replica: string;
  readonly counter: number;
  readonly fields: string | null;
  readonly overwrites: string | null;
}

/** What the rules read of a change: a memory may have thousands. */
export type KeptChange = Omit<LogEntry, "clock" | "subject" | "overwrites">;

/** Where the log's own dots and times stand. */
export interface LogHead {
  readonly replica: string;
  readonly counter: number;
  /** A hybrid time; absent before the first change. */
  readonly clock: string | undefined;
}

export interface StoredChunk {
  readonly row: number;
  readonly id: string;
  readonly chunk: number;
  readonly doc: number;
  readonly content: string;
}

export interface ExtractionProgress {
  readonly position: number;
  readonly attempts: number;
}

export interface MemoryStore {
  readonly findById: (id: string) => StoredMemory | null;
  /** The live one. */
  readonly findByKey: (key: string) => StoredMemory | null;
  /** A live memory that says it supersedes `id`, other than `row`. */
  readonly correctionOf: (id: string, row: number) => string | null;
  /** The first stored live memory with this identity. */
  readonly identical: (identity: Uint8Array, standing: Standing) => string | null;
  /** The first eight live memories with this near hash. */
  readonly lookAlikes: (near: Uint8Array, standing: Standing) => readonly LookAlike[];
  readonly identityOf: (row: number) => Uint8Array;
  /** The highest position of a live memory in a session; null when there is none. */
  readonly lastPosition: (sessionId: string) => number | null;
  /** Returns the row. `doc` is the document that is inserted next. */
  readonly insertMemory: (memory: Memory, doc: number, sameness: Sameness) => number;
  /** Without `sameness` the hashes stay. */
  readonly updateMemory: (row: number, state: MemoryState, memory: Memory, sameness?: Sameness) => void;
  readonly setDocument: (row: number, doc: number) => void;
  readonly deleteMemory: (row: number) => void;
  /** Replaces the tags of a memory. */
  readonly setTags: (row: number, tags: readonly string[]) => void;
}

export interface DocumentStore {
  /** The number that the next document will have. */
  readonly nextDocument: () => number;
  readonly insertDocument: (document: NewDocument) => number;
  readonly closeDocument: (doc: number, seq: number, to: Millis) => void;
  /** Takes the entry away; the number stays, so that everybody hears of it. */
  readonly eraseEntry: (doc: number, seq: number) => void;
  /** All documents of a memory or chunk, oldest first. */
  readonly documentsOf: (owner: number, kind: DocumentKind) => readonly StoredDocument[];
  /** Number of a term or facet value, given now if it has none. */
  readonly nameId: (name: string) => number;
  /** What is purged held these names, and may have been the last to. */
  readonly noteErased: (entries: readonly Uint8Array[]) => void;
}

export interface VectorStore {
  readonly models: () => ModelPair;
  /** The vector of a document's first chunk in the own model. */
  readonly firstVector: (doc: number) => Float32Array | null;
  readonly storeVectors: (slot: VectorSlot, doc: number, vectors: PassageVectors) => void;
  /** Copies what `from` has; false when it has none. */
  readonly copyVectors: (slot: VectorSlot, from: number, to: number) => boolean;
  /** Of whatever model, set and note. */
  readonly eraseVectors: (doc: number) => void;
  readonly isWordless: (slot: VectorSlot, doc: number) => boolean;
  readonly noteWordless: (slot: VectorSlot, doc: number) => void;
  readonly noteAwaiting: (slot: VectorSlot, rank: VectorRank, doc: number) => void;
  /** Where it awaits vectors, it does so last. */
  readonly awaitLast: (doc: number) => void;
  /** False when it did not await any. */
  readonly stopAwaiting: (slot: VectorSlot, doc: number) => boolean;
  /** The document got vectors of the own model after it had been written. */
  readonly noteLate: (doc: number) => void;
}

export interface KnowledgeStore {
  readonly entity: (norm: string) => StoredEntity | null;
  readonly insertEntity: (norm: string, name: string, type: string) => number;
  readonly setEntityType: (id: number, type: string) => void;
  readonly deleteEntity: (id: number) => void;
  readonly addAlias: (norm: string, entity: number, memory: number, name: string) => void;
  readonly addMention: (entity: number, memory: number) => void;
  /** The entities that a memory names. */
  readonly mentionsOf: (memory: number) => readonly number[];
  readonly isMentioned: (entity: number) => boolean;
  readonly addRelation: (source: number, target: number, type: string, memory: number) => void;
  /** The newest 200 claims of other memories about an attribute of an entity. */
  readonly claimsOn: (entity: string, attribute: string, exceptMemory: number) => readonly StoredClaim[];
  readonly addClaim: (memory: number, entity: string, attribute: string, value: string, negated: boolean) => void;
  /** Both ways. */
  readonly addConflict: (memory: number, other: number) => void;
  /** Ids of up to 32 live memories in conflict with one that are not held back, in the order of their rows. */
  readonly conflictsOf: (memory: number) => readonly string[];
  /** Mentions, relations, aliases, claims and conflicts of a memory. */
  readonly dropKnowledge: (memory: number) => void;
}

export interface LogStore {
  readonly logHead: () => LogHead;
  readonly setLogHead: (counter: number, clock: string) => void;
  /** Returns the position. */
  readonly appendChange: (change: LogEntry) => number;
  /** What is kept of all changes of a subject, oldest first. */
  readonly changesOf: (subject: string) => readonly KeptChange[];
  /** Takes the content of all its changes away. */
  readonly eraseChanges: (subject: string) => void;
}

export interface SessionStore {
  readonly messagesOf: (session: string) => readonly SessionMessage[];
  readonly hasMessages: (session: string) => boolean;
  readonly appendMessages: (
    session: string,
    from: number,
    messages: readonly SessionMessage[],
    instance: string,
  ) => void;
  readonly chunksOf: (session: string) => readonly StoredChunk[];
  /** By session and number; returns the row. `doc` is the document that is inserted next. */
  readonly putChunk: (chunk: SessionChunk, doc: number) => number;
  /** Messages, chunks and the progress of extraction; documents are the caller's to erase. */
  readonly removeSession: (session: string) => void;
  readonly extractionOf: (session: string) => ExtractionProgress | null;
  readonly setExtraction: (session: string, progress: ExtractionProgress, prompt: string, nextAt: Millis) => void;
}

export interface WriteStore extends MemoryStore, DocumentStore, VectorStore, KnowledgeStore, LogStore, SessionStore {}
