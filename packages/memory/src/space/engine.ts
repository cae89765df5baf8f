/**
 * The engine port: how code reaches the memories of one space. There is no call that spans spaces; a handle is bound
 * to one space (and, for writes, to who writes) when it is made. Every engine passes `testing/src/engine-conformance.ts`.
 *
 * Writers hand over drafts together with their vectors: embedding happens before, outside any transaction. All errors
 * are CairnErrors. A write that returns is durable.
 */
import type { Millis } from "@cairn/kernel/clock";
import type { PlainError } from "@cairn/kernel/error";
import type { Change } from "../change/change.ts";
import type { PassageText, PassageVectors } from "../embedding/embedder.ts";
import type { Memory, MemoryFields } from "../memory/memory.ts";
import type { Reading } from "../memory/reading.ts";
import type { RecallAnswer, RecallFilter, RecallQuery } from "../recall/query.ts";

/** Who writes: set by the server, never by a client (MEM-11). */
export interface Actor {
  readonly principal: string;
  /** This agent's instance, recorded as `source_instance`. */
  readonly instance: string;
}

export interface RememberItem {
  readonly fields: MemoryFields;
  readonly vectors: PassageVectors;
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
  readonly expectedVersion?: number;
}

export interface Correction {
  readonly originalId: string;
  readonly fields: Pick<MemoryFields, "content"> & Partial<MemoryFields>;
  readonly vectors: PassageVectors;
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

/** Vectors of the chunks that `planSession` named, by the chunk's text. */
export type ChunkVectors = ReadonlyMap<string, PassageVectors>;

/** `replan`: the session grew meanwhile, so chunks without a vector came up; plan and embed again. Nothing was stored. */
export type IngestOutcome =
  | { readonly status: "ingested"; readonly chunksCreated: number; readonly messagesProcessed: number }
  | { readonly status: "replan" };

export interface ListQuery extends RecallFilter {
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

export interface MissingVectors {
  readonly id: string;
  readonly version: number;
  readonly passage: PassageText;
}

export interface SpaceReader {
  readonly recall: (query: RecallQuery) => Promise<RecallAnswer>;
  /** The memory with this id, live or superseded (`supersededBy` then says by what); null when forgotten or expired. */
  readonly get: (id: string) => Promise<Memory | null>;
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
  /** Live memories that have no vectors of the current model yet: they are found by words only. */
  readonly missingVectors: (limit: number) => Promise<readonly MissingVectors[]>;
  /** The texts of the chunks that ingesting these messages would create, to be embedded first. */
  readonly planSession: (ingest: SessionIngest) => Promise<readonly string[]>;
  /** Messages of a session in order, from position `from` (0 is the first). */
  readonly sessionMessages: (sessionId: string, from: number, limit: number) => Promise<readonly SessionMessage[]>;
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
  readonly ingestSession: (ingest: SessionIngest, vectors: ChunkVectors) => Promise<IngestOutcome>;
  /** Gives a memory the vectors it lacks; false when it has moved on from that version. */
  readonly setVectors: (id: string, version: number, vectors: PassageVectors) => Promise<boolean>;
  /** Deletes what has expired and sessions older than `sessionsBefore`, purges what was deleted before `purgeBefore`. */
  readonly sweep: (options: {
    readonly now: Millis;
    readonly sessionsBefore: Millis;
    readonly purgeBefore: Millis;
  }) => Promise<SweepOutcome>;
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
  /** Removes a space with everything in it. */
  readonly drop: (space: string) => Promise<void>;
  readonly check: (space: string) => Promise<readonly CheckFinding[]>;
  /** Mends what it can and returns what is left. */
  readonly repair: (space: string) => Promise<readonly CheckFinding[]>;
  readonly close: () => Promise<void>;
}
