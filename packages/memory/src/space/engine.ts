/**
 * The engine port: how code reaches the memories of one space. There is no call that spans spaces; a handle is bound
 * to one space (and, for writes, to who writes) when it is made. Every engine passes `testing/src/engine-conformance.ts`.
 *
 * Writers hand over drafts together with their vectors: embedding happens before, outside any transaction. All errors
 * are CairnErrors. A write that returns is durable.
 */
import type { Millis } from "@cairn/kernel/clock";
import type { PlainError } from "@cairn/kernel/error";
import type { AuditEntry } from "../audit/audit-entry.ts";
import type { Change } from "../change/change.ts";
import type { EmbeddingModel, PassageText, PassageVectors } from "../embedding/embedder.ts";
import type { Memory, MemoryFields } from "../memory/memory.ts";
import type { Reading } from "../memory/reading.ts";
import type { RecallAnswer, RecallFilter, RecallQuery } from "../recall/query.ts";

/** Who writes: set by the server, never by a client (MEM-11). */
export interface Actor {
  readonly principal: string;
  /** This agent's instance, recorded as `source_instance`. */
  readonly instance: string;
  /** Of the call that writes: kept in the transaction of the write until the audit has it (TEN-8). */
  readonly note?: AuditEntry;
}

/** A record of the audit that waits in its space until the audit's chain has it (TEN-8). */
export interface KeptNote {
  /** Names its space among its spaces, whether or not the call did. */
  readonly note: AuditEntry;
  readonly keptAt: Millis;
}

/**
 * Vectors and the model that made them; absent, the engine's own. Those of another model than the space's are left
 * out: the text then counts as missing its vectors (`missingVectors`).
 */
export interface ModelVectors {
  readonly vectors: PassageVectors;
  readonly vectorModel?: string;
}

export interface RememberItem extends ModelVectors {
  readonly fields: MemoryFields;
  readonly skipDedup: boolean;
  /** `readMemory(fields)`, where the caller has read the text already; engines read it themselves otherwise. */
  readonly reading?: Reading;
  /** For a named key that exists: its version, or a conflict. */
  readonly expectedVersion?: number;
  /** Imports keep ids, provenance and times; absent otherwise. */
  readonly imported?: ImportedIdentity;
}

export interface ImportedIdentity {
  readonly id?: string;
  readonly sourceInstance?: string;
  readonly createdAt?: Millis;
  readonly updatedAt?: Millis;
  readonly supersedes?: string | null;
  readonly onConflict: "skip" | "overwrite" | "merge";
}

export type RememberOutcome =
  | { readonly status: "stored" | "updated"; readonly memory: Memory; readonly conflicts: readonly string[] }
  | { readonly status: "duplicate"; readonly duplicateOf: string }
  | { readonly status: "skipped"; readonly id: string }
  | { readonly status: "failed"; readonly error: PlainError };

/** New values for some fields; `vectors` when content, author or date changed. */
export interface MemoryUpdate {
  readonly id: string;
  readonly fields: Partial<MemoryFields>;
  readonly vectors?: PassageVectors;
  readonly vectorModel?: string;
  readonly expectedVersion?: number;
}

export interface Correction extends ModelVectors {
  readonly originalId: string;
  readonly fields: Pick<MemoryFields, "content"> & Partial<MemoryFields>;
}

export interface SessionMessage {
  readonly role: string;
  readonly content: string;
  readonly at: Millis;
  /** Whether the client gave the time; a time made up on arrival identifies nothing. */
  readonly timed: boolean;
}

export interface SessionIngest {
  readonly sessionId: string;
  readonly instanceId: string;
  readonly messages: readonly SessionMessage[];
}

/** Vectors of the chunks that `planSession` named, by the chunk's text; an empty list for one that has none yet. */
export type ChunkVectors = ReadonlyMap<string, PassageVectors>;

/** `replan`: the session grew meanwhile, so chunks without a vector came up; plan and embed again. Nothing was stored. */
export type IngestOutcome =
  | { readonly status: "ingested"; readonly chunksCreated: number; readonly messagesProcessed: number }
  | { readonly status: "replan" };

export interface Disputes {
  readonly conflicts: readonly string[];
  readonly stale: boolean;
}

export interface ListQuery extends RecallFilter {
  /** Only what is held back, or only what is not (MEM-11); absent: both. */
  readonly quarantined?: boolean;
  readonly limit: number;
  readonly cursor?: string;
  readonly order?: "newest" | "oldest";
}

export interface Page<Item> {
  readonly items: readonly Item[];
  /** Opaque; null on the last page. */
  readonly cursor: string | null;
}

export interface MemoryVersion {
  readonly version: number;
  readonly kind: Change["kind"];
  readonly at: Millis;
  readonly by: string;
  readonly agent: string;
  /** Field name → before and after. */
  readonly diff: Readonly<Record<string, { readonly from: unknown; readonly to: unknown }>>;
  readonly memory: Memory;
}

export interface SpaceStats {
  readonly memories: number;
  readonly bySourceType: Readonly<Record<string, number>>;
  readonly byTag: Readonly<Record<string, number>>;
  readonly byInstance: Readonly<Record<string, number>>;
  readonly byCategory: Readonly<Record<string, number>>;
  readonly corrections: number;
  /** How many of the memories are held back from recall. */
  readonly quarantined: number;
  readonly sessions: number;
  readonly sessionChunks: number;
  readonly entities: number;
  readonly changes: number;
  readonly bytes: number;
}

export interface EntityNode {
  readonly name: string;
  readonly type: string;
  readonly aliases: readonly string[];
  readonly mentions: number;
}

export interface EntityEdge {
  readonly source: string;
  readonly target: string;
  readonly type: string;
}

export interface EntityGraph {
  readonly entities: readonly (EntityNode & { readonly hops: number })[];
  readonly relationships: readonly EntityEdge[];
}

/**
 * A text without vectors of some model. `document` is the engine's number of one version of a memory or of one piece of
 * a session; a number is never given twice.
 */
export interface MissingVectors {
  readonly document: number;
  readonly passage: PassageText;
}

export interface DocumentVectors {
  readonly document: number;
  /** Empty: the text says nothing to the model and will not be asked for again. */
  readonly vectors: PassageVectors;
}

export interface VectorState {
  /** The model whose vectors questions are compared with; null before the first write. */
  readonly model: EmbeddingModel | null;
  /** How many texts there are, and how many of them lack vectors of `model`. */
  readonly documents: number;
  readonly missing: number;
  /** A change of model under way (EMB-6): how many texts lack vectors of the next one. */
  readonly next: { readonly model: EmbeddingModel; readonly missing: number } | null;
}

/** A session that the extraction of memories has not read to its end (MEM-10). */
export interface ExtractionDue {
  readonly sessionId: string;
  /** The first position that was not read. */
  readonly from: number;
  /** How many messages the session has. */
  readonly count: number;
  /** Failures in a row. */
  readonly attempts: number;
}

/** What became of the messages of a session from `from` up to `to` (exclusive). */
export interface ExtractionStep {
  readonly sessionId: string;
  readonly from: number;
  readonly to: number;
  /** The version of the prompt that was used. */
  readonly prompt: string;
  /** Nothing was found out: `to` and `items` do not count, and the session is due again at `nextAt`. */
  readonly failed: boolean;
  readonly nextAt: Millis;
  readonly items: readonly RememberItem[];
}

export interface SpaceReader {
  readonly recall: (query: RecallQuery) => Promise<RecallAnswer>;
  /** The memory with this id, live or superseded (`supersededBy` then says by what); null when forgotten or expired. */
  readonly get: (id: string) => Promise<Memory | null>;
  /**
   * The memories that say otherwise about the same entity and attribute (MEM-12), and whether it is stale at `now`: no
   * longer valid, or contradicted by something newer. Nothing for an unknown id.
   */
  readonly disputes: (id: string, now: Millis) => Promise<Disputes>;
  readonly list: (query: ListQuery) => Promise<Page<Memory>>;
  /** Every version, oldest first; empty for an unknown or purged id. */
  readonly history: (id: string) => Promise<readonly MemoryVersion[]>;
  readonly changes: (afterSeq: number, limit: number) => Promise<readonly Change[]>;
  readonly stats: () => Promise<SpaceStats>;
  readonly entities: (search: string, limit: number) => Promise<readonly EntityNode[]>;
  /** The entity, its neighbours within `hops`, and their relations; null when nobody has named it. */
  readonly entityGraph: (name: string, hops: number) => Promise<EntityGraph | null>;
  /** Memories that name the entity or one within `hops` of it, nearest first. */
  readonly entityMemories: (name: string, hops: number, limit: number) => Promise<readonly Memory[]>;
  /** Vectors of memories as stored, for exports; `null` where there is none. */
  readonly vectors: (ids: readonly string[]) => Promise<readonly (PassageVectors | null)[]>;
  readonly vectorState: () => Promise<VectorState>;
  /**
   * Texts that lack vectors of the space's model, or of `model` when that is the next one: current memories first, then
   * pieces of sessions, then earlier versions. Until they have them they are found by words only.
   */
  readonly missingVectors: (limit: number, model?: string) => Promise<readonly MissingVectors[]>;
  /** The texts of the chunks that ingesting these messages would create, to be embedded first. */
  readonly planSession: (ingest: SessionIngest) => Promise<readonly string[]>;
  /** Sessions with messages that were not read yet, and none since `quietSince`; those that never failed first. */
  readonly extractionsDue: (options: {
    readonly now: Millis;
    readonly quietSince: Millis;
    readonly limit: number;
  }) => Promise<readonly ExtractionDue[]>;
  /** Messages of a session in order, from position `from` (0 is the first). */
  readonly sessionMessages: (sessionId: string, from: number, limit: number) => Promise<readonly SessionMessage[]>;
  /**
   * The notes of writes that were committed here (`Actor.note`), the oldest first as their ids tell it. A call of several
   * transactions may find its note taken away in between and leave it again: an id says that it is the same.
   */
  readonly notes: (limit: number) => Promise<readonly KeptNote[]>;
}

export interface SpaceWriter {
  /**
   * Stores each item or says why not. `atomic`: all or nothing; one failure fails the call with
   * `memory.batch_rejected` and the problems of each item (a duplicate is no failure).
   */
  readonly remember: (items: readonly RememberItem[], atomic: boolean) => Promise<readonly RememberOutcome[]>;
  /** Throws memory.not_found, memory.version_conflict (with the current version). */
  readonly update: (update: MemoryUpdate) => Promise<Memory>;
  /** Stores the correction as a new memory that supersedes the original. Throws memory.not_found. */
  readonly correct: (correction: Correction) => Promise<Memory>;
  /** Deletes; with `purge`, its content is erased from rows, indexes and log. Throws memory.not_found. */
  readonly forget: (
    id: string,
    options: { readonly purge: boolean; readonly expectedVersion?: number },
  ) => Promise<void>;
  /** Brings back a deleted memory, or an old version's fields as a new version. */
  readonly restore: (id: string, version?: number) => Promise<Memory>;
  /**
   * Lets recall find a memory that was held back (MEM-11). One that is not held back is answered as it is. Throws
   * memory.not_found, memory.version_conflict.
   */
  readonly release: (id: string, expectedVersion?: number) => Promise<Memory>;
  readonly ingestSession: (
    ingest: SessionIngest,
    vectors: ChunkVectors,
    vectorModel?: string,
  ) => Promise<IngestOutcome>;
  /**
   * Stores what an extraction found together with how far it has read; null, and nothing is stored, when the session is
   * gone or someone else has read on meanwhile.
   */
  readonly noteExtraction: (step: ExtractionStep) => Promise<readonly RememberOutcome[] | null>;
  /**
   * Gives texts the vectors that they lack, of the space's model or of the next one; what was erased meanwhile or has
   * them already is passed over. Not a change of the memory: history and log say nothing of it. Returns how many were
   * taken.
   */
  readonly setVectors: (model: string, items: readonly DocumentVectors[]) => Promise<number>;
  /**
   * Begins a change to another model: from now on vectors of it may be set beside those that serve. Doing so again goes
   * on where it was; naming a third model drops what was made for the second; naming the space's own calls it off.
   */
  readonly prepareModel: (model: EmbeddingModel) => Promise<void>;
  /** Questions are compared in the next model from now on; false, and nothing changes, while a text lacks vectors. */
  readonly switchModel: (model: string) => Promise<boolean>;
  /** Deletes what has expired and sessions older than `sessionsBefore`, purges what was deleted before `purgeBefore`. */
  readonly sweep: (options: {
    readonly now: Millis;
    readonly sessionsBefore: Millis;
    readonly purgeBefore: Millis;
  }) => Promise<SweepOutcome>;
  /**
   * Takes away notes that the audit's chain has by now, and says how many. It leaves no note itself, and history and log
   * say nothing of it.
   */
  readonly dropNotes: (ids: readonly string[]) => Promise<number>;
}

export interface SweepOutcome {
  readonly expired: number;
  readonly purged: number;
  readonly sessions: number;
}

export interface CheckFinding {
  readonly code: string;
  readonly message: string;
  /** Whether `repair` mends it. */
  readonly repairable: boolean;
}

export interface Engine {
  readonly read: (space: string) => SpaceReader;
  readonly write: (space: string, actor: Actor) => SpaceWriter;
  /** Creates storage for a new space; doing so again is harmless. */
  readonly create: (space: string) => Promise<void>;
  /** Removes a space with everything in it. Throws storage.busy, and removes nothing, while it holds notes. */
  readonly drop: (space: string) => Promise<void>;
  readonly check: (space: string) => Promise<readonly CheckFinding[]>;
  /** Mends what it can and returns what is left. */
  readonly repair: (space: string) => Promise<readonly CheckFinding[]>;
  readonly close: () => Promise<void>;
}
