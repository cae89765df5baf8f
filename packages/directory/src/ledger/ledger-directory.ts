/**
 * The port of the directory as far as the ledger goes: usage by day (TEN-6) and the audit's chains (TEN-8). Records come
 * in segments, which are applied exactly once, or with the transaction of an administrative write (`append-audit.ts`).
 * Both databases pass `testing/src/ledger-conformance.ts`.
 */
import type { Millis } from "@cairn/kernel/clock";
import type { AuditEntry, AuditKind, AuditOutcome } from "@cairn/memory/audit/audit-entry";
import type { ChainHead, ChainLink, ChainReport } from "./audit-chain.ts";
import type { Day, UsageCount, UsageLevel, UsageMetric } from "./usage.ts";

/** Records of one server process, numbered in the order in which they are to be applied. */
export interface Segment {
  /** A UUIDv7. */
  readonly spool: string;
  /** From 1 on. */
  readonly number: number;
  readonly entries: readonly AuditEntry[];
  readonly counts: readonly UsageCount[];
}

export interface AuditFilter {
  /** Both inclusive. */
  readonly from?: Millis;
  readonly to?: Millis;
  readonly principal?: string;
  readonly operation?: string;
  readonly kind?: AuditKind;
  readonly outcome?: AuditOutcome;
  readonly key?: string;
  /** Ids that are among an entry's. */
  readonly space?: string;
  readonly subject?: string;
}

export interface AuditQuery extends AuditFilter {
  readonly organisation: string;
  readonly order: "newest" | "oldest";
  /** 1..1,000. */
  readonly limit: number;
  /** Of the page before. */
  readonly cursor?: string | null;
}

export interface AuditPage {
  readonly links: readonly ChainLink[];
  /** Null on the last page. A page may hold few or no entries, and there be more: one look goes through so many at most. */
  readonly cursor: string | null;
}

export interface UsageQuery {
  readonly organisation: string;
  /** Both inclusive. */
  readonly from: Day;
  readonly to: Day;
  readonly by: "none" | "space" | "key" | "space_key";
  /** Only of this space. */
  readonly space?: string;
  /** Only of these keys or principals. */
  readonly keys?: readonly string[];
  /** Rows at most. */
  readonly limit: number;
}

/** An amount of a day; `space` and `key` are empty where it was not asked by them. */
export interface UsageRow {
  readonly day: Day;
  readonly metric: UsageMetric;
  readonly space: string;
  readonly key: string;
  readonly amount: number;
}

export interface Verification extends ChainReport {
  /** The end of the chain as the directory has it. */
  readonly head: ChainHead;
  /** Whether everything up to the end was looked at. */
  readonly complete: boolean;
}

export interface LedgerDirectory {
  /** Applies a segment once, however often it is handed over; whether this was the time. */
  readonly apply: (segment: Segment) => Promise<boolean>;
  /** Appends to the chains, each id once. */
  readonly append: (entries: readonly AuditEntry[]) => Promise<void>;
  readonly setLevels: (levels: readonly UsageLevel[]) => Promise<void>;
  /** Forgets how far spools are applied that nobody wrote to since. */
  readonly forgetSpools: (before: Millis) => Promise<number>;

  /** By time. Throws request.invalid for a cursor that is none. */
  readonly entries: (query: AuditQuery) => Promise<AuditPage>;
  /** In the order of the chain, after position `after`. `limit`: 1..1,000. */
  readonly links: (organisation: string, after: number, limit: number) => Promise<readonly ChainLink[]>;
  readonly head: (organisation: string) => Promise<ChainHead>;
  /** What is before the first entry at `seq` 0; null where there is no such entry. */
  readonly headAt: (organisation: string, seq: number) => Promise<ChainHead | null>;
  /**
   * Walks at most `most` entries after `after`, from the beginning when absent. `anchor`: a head that was kept elsewhere
   * and must be in the chain.
   */
  readonly verify: (
    organisation: string,
    options: { readonly after?: ChainHead; readonly anchor?: ChainHead; readonly most: number },
  ) => Promise<Verification>;

  /** By day, metric, space and key. */
  readonly usage: (query: UsageQuery) => Promise<readonly UsageRow[]>;
  /** What there was at the end of the period, of each space. */
  readonly levels: (query: UsageQuery) => Promise<readonly UsageLevel[]>;
}
