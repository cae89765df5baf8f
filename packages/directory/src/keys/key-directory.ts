/**
 * The port of the directory as far as API keys go (TEN-2). A key itself is never kept, only what recognises it
 * (`key-hash.ts`). A change that comes with a `note` of its call is audited in its transaction. Both databases pass
 * `testing/src/keys-conformance.ts`.
 */
import type { Millis } from "@cairn/kernel/clock";
import type { AuditEntry } from "@cairn/memory/audit/audit-entry";
import type { Role, Scope } from "@cairn/memory/permission/permission";

export interface KeyRecord {
  /** The part of the key that names it. */
  readonly id: string;
  readonly organisation: string;
  /** The principal that it acts for, `user:<id>`; null: the key is a principal of its own. */
  readonly owner: string | null;
  /** Of a key without an owner; null otherwise. */
  readonly role: Role | null;
  /** The id of the only space it reaches; null: all of its principal. */
  readonly space: string | null;
  /** 1..100 characters. */
  readonly label: string;
  readonly scopes: readonly Scope[];
  /** The agent instance that it is bound to. */
  readonly instance: string | null;
  /** CIDR blocks that it may be used from; null: from anywhere. */
  readonly addresses: readonly string[] | null;
  /** The id of the key that it was rotated from. */
  readonly replaces: string | null;
  readonly createdAt: Millis;
  readonly createdBy: string;
  readonly expiresAt: Millis | null;
  readonly revokedAt: Millis | null;
  readonly lastUsedAt: Millis | null;
}

/** A key with what recognises it; for whoever checks one, and for nobody else. */
export interface KeyProof {
  readonly record: KeyRecord;
  readonly pepper: string;
  /** Hexadecimal. */
  readonly hash: string;
}

export type NewKey = Omit<KeyRecord, "createdAt" | "revokedAt" | "lastUsedAt"> & Pick<KeyProof, "pepper" | "hash">;

/** What can be changed of a key: nothing that would let it do more. */
export type KeyChange = Partial<Pick<KeyRecord, "label" | "addresses" | "expiresAt">>;

export interface KeyUse {
  readonly id: string;
  readonly at: Millis;
  readonly from: string | null;
}

export const keyLimits = {
  /** That still work, of an organisation; rotation may double them while old ones have their grace. */
  mostKeys: 1_000,
  /** How long those that do not work any more stay listed, milliseconds. */
  listedMs: 90 * 86_400_000,
  /** So many of those stay at most, of an organisation. */
  mostEnded: 5_000,
} as const;

/** What changes when this key does: for answers that depend on it, and for who changes it. */
export const keyTopic = (id: string): string => `keys ${id}`;
/** What changes when the organisation gets another key. */
export const newKeyTopic = (organisation: string): string => `keys ${organisation}`;

export interface KeyDirectory {
  /** By id, also revoked and expired ones. Remembered, and forgotten within a second of a change on any server. */
  readonly find: (id: string) => Promise<KeyProof | null>;
  /** As it is now, also a revoked or expired one; null where the organisation has none of this id. */
  readonly lookUp: (organisation: string, id: string) => Promise<KeyRecord | null>;
  /**
   * At most `mostKeys` that still work for an organisation: limit.exceeded. Throws organisation.not_found. Those that
   * ended long ago are deleted.
   */
  readonly create: (key: NewKey, note?: AuditEntry) => Promise<KeyRecord>;
  /**
   * Of an organisation, newest first; `owner`, `space`: only those; `before`: the id of the last one seen; `limit`:
   * 1..1,000. Expired and revoked ones stay listed for 90 days. Throws request.invalid.
   */
  readonly list: (
    organisation: string,
    only: { readonly owner?: string; readonly space?: string; readonly before?: string | null; readonly limit: number },
  ) => Promise<readonly KeyRecord[]>;
  /** Sets what is given, of a key that still works. Throws key.not_found. */
  readonly update: (organisation: string, id: string, change: KeyChange, note?: AuditEntry) => Promise<KeyRecord>;
  /**
   * Makes `next`, and lets the old one work until `graceUntil` at most, in one transaction. Throws key.not_found where
   * the old one does not work any more, limit.exceeded.
   */
  readonly rotate: (
    organisation: string,
    id: string,
    next: NewKey,
    graceUntil: Millis,
    note?: AuditEntry,
  ) => Promise<KeyRecord>;
  /** Again: harmless. Throws key.not_found. */
  readonly revoke: (organisation: string, id: string, note?: AuditEntry) => Promise<KeyRecord>;
  /** Keeps another hash of the same key, if the one it was recognised by is still there. */
  readonly rehash: (
    id: string,
    before: Pick<KeyProof, "pepper" | "hash">,
    after: Pick<KeyProof, "pepper" | "hash">,
  ) => Promise<void>;
  /** How many keys that still work, of all organisations, were hashed under each pepper, by its id. */
  readonly countByPepper: () => Promise<ReadonlyMap<string, number>>;
  /** The last uses, together; what is older than what is there changes nothing. */
  readonly noteUses: (uses: readonly KeyUse[]) => Promise<void>;
}
