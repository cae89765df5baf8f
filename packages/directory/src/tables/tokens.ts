/** Rows of `steps/tokens.ts`. Times are milliseconds since 1970 UTC. */
export interface SigningKeysTable {
  /** Names it in the head of tokens (`kid`). */
  readonly id: string;
  /** What its signatures are for: `tokens`. */
  readonly purpose: string;
  /** Counts the keys of a purpose from 1, so that of several servers that make the next one, one does. */
  readonly generation: number;
  /** `EdDSA` or `ES256`. */
  readonly algorithm: string;
  /** A JSON Web Key (RFC 7517). */
  readonly public_key: string;
  /** The private key, sealed under the server's secret with the id `secret`. */
  readonly sealed: string;
  readonly secret: string;
  /** From when on it signs, until a later generation does. */
  readonly signs_from: number;
  readonly created_at: number;
}

export interface IdentityProvidersTable {
  readonly id: string;
  readonly organisation: string;
  readonly issuer: string;
  readonly audience: string;
  readonly jwks_uri: string;
  /** With blanks between them. */
  readonly algorithms: string;
  readonly subject_claim: string;
  readonly role_claim: string | null;
  /** JSON: `[[value, role], …]`. */
  readonly roles: string;
  /** Null: who has none of the values is refused. */
  readonly default_role: string | null;
  /** With blanks between them. */
  readonly scopes: string;
  /** The id of the only space that its people reach. */
  readonly space: string | null;
  readonly instance_claim: string | null;
  readonly created_at: number;
  readonly created_by: string;
  readonly updated_at: number;
}

export interface TokensTables {
  readonly signing_keys: SigningKeysTable;
  readonly identity_providers: IdentityProvidersTable;
}
