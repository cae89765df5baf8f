/**
 * One record of the audit (TEN-8): who did what, when, from where and how it ended, never what was said. The same
 * record accompanies a write into its transaction (`Actor.note`), so that no write is without it.
 */
import type { Millis } from "@cairn/kernel/clock";
import type { Credential } from "../permission/identity.ts";

export const auditKinds = ["read", "write", "administrate", "sign-in"] as const;
export type AuditKind = (typeof auditKinds)[number];
export const auditOutcomes = ["ok", "denied", "failed"] as const;
export type AuditOutcome = (typeof auditOutcomes)[number];

export interface AuditEntry {
  /** Of the call, a UUIDv7; an entry is in the chain once, however often it is handed over. */
  readonly id: string;
  readonly at: Millis;
  /** The tenant in whose chain it is. */
  readonly organisation: string;
  readonly principal: string;
  readonly credential: Credential;
  readonly key: string | null;
  readonly instance: string | null;
  /** `memories.remember`, `sign-in.password`, … */
  readonly operation: string;
  readonly kind: AuditKind;
  readonly outcome: AuditOutcome;
  /** The error's code where it did not end well. */
  readonly code: string | null;
  /** Ids of the spaces that were used. */
  readonly spaces: readonly string[];
  /** Ids of what was acted on (memories, keys, members, …), at most 20. */
  readonly subjects: readonly string[];
  /** The caller's network address; null: the shell. */
  readonly address: string | null;
  readonly requestId: string;
}
