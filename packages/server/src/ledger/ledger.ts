/** The ledger of a server process as the rest of the server sees it (`open-ledger.ts`). */
import type { JobType } from "@cairn/jobs/job-type";
import type { AuditEntry } from "@cairn/memory/audit/audit-entry";
import type { Identity } from "@cairn/memory/permission/identity";
import type { Engine } from "@cairn/memory/space/engine";
import type { Figures } from "@cairn/operations/context";
import type { CallRecord } from "@cairn/operations/pipeline";

/** Something about signing in (or out): `operation` such as `sign-in.password`. */
export interface SignInEvent {
  /** A UUIDv7, made when absent. */
  readonly id?: string;
  readonly operation: string;
  readonly outcome: AuditEntry["outcome"];
  readonly code?: string | null;
  /** Null where nobody knows who it was. */
  readonly identity: Pick<Identity, "principal" | "credential" | "organisation" | "key"> | null;
  readonly subjects?: readonly string[];
  readonly address: string | null;
  readonly requestId: string;
}

/** The bytes of one request and its answer. */
export interface Bandwidth {
  readonly identity: Pick<Identity, "organisation" | "key" | "principal">;
  /** The only space it was about; null: none, or several. */
  readonly space: string | null;
  readonly bytesIn: number;
  readonly bytesOut: number;
}

export interface Ledger {
  /**
   * For the end of each call. Throws storage.full or storage.unavailable where a read could not be written down: its
   * answer must not be given then. (A write's note is in its own transaction, and what failed is answered as it failed.)
   */
  readonly record: (record: CallRecord) => void;
  readonly signIn: (event: SignInEvent) => void;
  readonly bandwidth: (bandwidth: Bandwidth) => void;
  /** Throws storage.* while nothing can be recorded: to be asked before a call is begun. */
  readonly ready: () => void;
  /** Rejects like `ready`, after trying again; for probes. */
  readonly check: () => Promise<void>;
  /** Begins to apply by itself, and takes over what processes left that are no more. */
  readonly start: () => void;
  /** Applies what was recorded so far. Rejects with what keeps it from that. */
  readonly flush: () => Promise<void>;
  /** Appends notes that a crash left in the spaces of the organisation; not more than once in ten minutes. */
  readonly collectNotes: (organisation: string) => Promise<void>;
  /** The engine whose spaces can be removed: their notes are collected first. */
  readonly engine: Engine;
  readonly jobs: () => readonly JobType[];
  readonly figures: () => Figures;
  /** Applies what it can; the rest is applied by the next process on the folder. Never rejects. */
  readonly close: () => Promise<void>;
}
