/**
 * A memory: one thing that an agent or a person wants to be found again. Times are milliseconds since 1970 UTC;
 * the wire shows them as RFC 3339. What is absent is `null`, so that a row, a wire object and this type agree.
 */
import type { Millis } from "@cairn/kernel/clock";

export const categories = ["preference", "fact", "decision", "entity", "pattern", "rule", "edict", "other"] as const;
export type Category = (typeof categories)[number];

/** How much the text's origin may be believed, least last. */
export const trustLevels = ["person", "agent", "document", "web"] as const;
export type Trust = (typeof trustLevels)[number];

export const sourceTypes = [
  "user_explicit",
  "auto_capture",
  "correction",
  "cross_instance",
  "legacy",
  "unknown",
] as const;
export type SourceType = (typeof sourceTypes)[number];

/** How long a memory lives after it was stored: names and lengths of requirement MEM-7. */
export const decayMillis = {
  permanent: null,
  durable: 90 * 86_400_000,
  normal: 14 * 86_400_000,
  short: 2 * 86_400_000,
  ephemeral: 4 * 3_600_000,
} as const;
export type Decay = keyof typeof decayMillis;

export const limits = {
  contentCharacters: 50_000,
  keyCharacters: 255,
  nameCharacters: 255,
  contextCharacters: 10_000,
  uriCharacters: 2_048,
  tags: 20,
  tagCharacters: 100,
  metadataBytes: 65_536,
  metadataDepth: 16,
  batch: 1_000,
  queryCharacters: 10_000,
  recallLimit: 50,
} as const;

export type JsonValue = string | number | boolean | null | readonly JsonValue[] | { readonly [key: string]: JsonValue };
export type JsonObject = { readonly [key: string]: JsonValue };

/** What a writer may set. */
export interface MemoryFields {
  readonly content: string;
  readonly key: string | null;
  readonly category: Category | null;
  readonly entity: string | null;
  readonly tags: readonly string[];
  readonly metadata: JsonObject | null;
  readonly context: string | null;
  readonly author: string | null;
  readonly sessionId: string | null;
  /** Position in its session; several memories may share one, arrival then decides. */
  readonly sessionSeq: number | null;
  readonly sourceType: SourceType;
  readonly sourceUri: string | null;
  readonly trust: Trust;
  readonly importance: number | null;
  readonly confidence: number;
  readonly occurredAt: Millis | null;
  readonly validFrom: Millis | null;
  readonly validUntil: Millis | null;
  readonly expiresAt: Millis | null;
  readonly decay: Decay | null;
}

/** Why a text is kept out of recall until someone releases it (MEM-11); set by the engine, never by a writer. */
export type Quarantine = {
  /** A short code such as `override`; see `trust/instruction.ts`. */
  readonly reason: string;
  readonly since: Millis;
};

export interface Memory extends MemoryFields {
  readonly id: string;
  readonly space: string;
  readonly sourceInstance: string;
  readonly version: number;
  readonly supersedes: string | null;
  readonly supersededBy: string | null;
  readonly createdAt: Millis;
  readonly createdBy: string;
  readonly updatedAt: Millis;
  readonly updatedBy: string;
  readonly quarantined: Quarantine | null;
}
