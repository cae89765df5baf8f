/** Rows of `steps/keys.ts`. Times are milliseconds since 1970 UTC. */
export interface KeysTable {
  /** The part of the key that names it. */
  readonly id: string;
  readonly organisation: string;
  /** The principal `user:<id>` it acts for; null: the key is a principal of its own. */
  readonly owner: string | null;
  /** Of a key without an owner. */
  readonly role: string | null;
  /** The only space it reaches; null: all of its principal. */
  readonly space: string | null;
  readonly label: string;
  /** With blanks between them. */
  readonly scopes: string;
  /** The agent instance that it is bound to. */
  readonly instance: string | null;
  /** CIDR blocks with blanks between them; null: from anywhere. */
  readonly addresses: string | null;
  /** Which pepper made `hash`. */
  readonly pepper: string;
  /** HMAC-SHA256 of the whole key, hexadecimal. */
  readonly hash: string;
  /** The key that this one was rotated from. */
  readonly replaces: string | null;
  readonly created_at: number;
  readonly created_by: string;
  readonly expires_at: number | null;
  readonly revoked_at: number | null;
  readonly last_used_at: number | null;
  readonly last_used_from: string | null;
}

export interface KeyTables {
  readonly keys: KeysTable;
}
