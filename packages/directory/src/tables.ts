import type { KeyTables } from "./tables/keys.ts";
import type { LedgerTables } from "./tables/ledger.ts";
import type { LimitsTables } from "./tables/limits.ts";
import type { OrganisationTables } from "./tables/organisations.ts";
import type { PeopleTables } from "./tables/people.ts";
import type { TokensTables } from "./tables/tokens.ts";

/** The directory's tables as Kysely sees them; the same on SQLite and PostgreSQL (`schema-steps.ts`). */
export interface SpacesTable {
  readonly id: string;
  readonly name: string;
  /** The name as names are compared: unique. */
  readonly name_key: string;
  readonly description: string | null;
  /** A `RerankMode`; what is no mode of this version leaves it to the server. */
  readonly rerank: string | null;
  /** Milliseconds since 1970 UTC. */
  readonly created_at: number;
  readonly updated_at: number;
  readonly cell: string | null;
  readonly epoch: number;
  readonly move_from: string | null;
  readonly move_to: string | null;
  /** A `MovePhase`; null: no move is under way. */
  readonly move_phase: string | null;
  readonly move_started_at: number | null;
  /** Null: the home organisation. */
  readonly organisation: string | null;
  /** A `Visibility`; null: organisation. */
  readonly visibility: string | null;
  /** The principal that a private space belongs to. */
  readonly owner: string | null;
}

/** Answers kept for `Idempotency-Key` (`kept-answers.ts`). */
export interface KeptAnswersTable {
  /** Digests, of caller, operation and key, of the caller, and of key and body. */
  readonly id: string;
  readonly principal: string;
  readonly body: string;
  /** The attempt that works on it; null: it is done. */
  readonly owner: string | null;
  /** Until when the claim or the answer stands, milliseconds since 1970 UTC. */
  readonly until: number;
  readonly space: string | null;
  readonly answer: string | null;
  /** 1: something was erased while it was worked on, so its answer is not kept. */
  readonly withheld: number;
}

export interface DirectoryTables
  extends OrganisationTables, PeopleTables, KeyTables, TokensTables, LedgerTables, LimitsTables {
  readonly spaces: SpacesTable;
  readonly kept_answers: KeptAnswersTable;
}
