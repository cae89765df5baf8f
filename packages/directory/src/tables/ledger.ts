/** Rows of `steps/ledger.ts`. Times are milliseconds since 1970 UTC. */
export interface AuditEntriesTable {
  readonly organisation: string;
  /** Position in the organisation's chain; 1 is the first. */
  readonly seq: number;
  /** Of the call. */
  readonly id: string;
  readonly at: number;
  readonly principal: string;
  readonly credential: string;
  readonly key: string | null;
  readonly instance: string | null;
  readonly operation: string;
  readonly kind: string;
  readonly outcome: string;
  readonly code: string | null;
  /** JSON lists of texts. */
  readonly spaces: string;
  readonly subjects: string;
  readonly address: string | null;
  readonly request_id: string;
  /** Hexadecimal (`ledger/audit-chain.ts`). */
  readonly hash: string;
}

/** The last link of each chain; whoever appends locks it. */
export interface AuditHeadsTable {
  readonly organisation: string;
  readonly seq: number;
  readonly hash: string;
}

export interface UsageDaysTable {
  readonly organisation: string;
  /** YYYY-MM-DD in UTC. */
  readonly day: string;
  readonly metric: string;
  /** Empty: none, or several. */
  readonly space: string;
  /** The id of a key, or the principal that called without one; empty: neither. */
  readonly key: string;
  readonly amount: number;
}

/** How far the records of each server process are applied (`ledger/apply-segment.ts`). */
export interface SpoolsTable {
  readonly id: string;
  /** The number of the last segment that was. */
  readonly applied: number;
  readonly at: number;
}

export interface LedgerTables {
  readonly audit_entries: AuditEntriesTable;
  readonly audit_heads: AuditHeadsTable;
  readonly usage_days: UsageDaysTable;
  readonly spools: SpoolsTable;
}
