/** Rows of `steps/organisations.ts`. Times are milliseconds since 1970 UTC. */
export interface OrganisationsTable {
  readonly id: string;
  readonly name: string;
  /** Unique, a-z 0-9 and -. */
  readonly slug: string;
  /** The name of a plan; null: the server's default one. */
  readonly plan: string | null;
  /** `active` or `suspended`. */
  readonly status: string;
  /** The id of the space of calls that name none. */
  readonly default_space: string;
  readonly created_at: number;
  readonly updated_at: number;
}

export interface MembersTable {
  readonly id: string;
  readonly organisation: string;
  /** `user:<id>`. */
  readonly principal: string;
  readonly role: string;
  readonly created_at: number;
  readonly created_by: string;
  readonly updated_at: number;
}

export interface InvitationsTable {
  readonly id: string;
  readonly organisation: string;
  /** As addresses are compared: lower case. */
  readonly email: string;
  readonly role: string;
  /** SHA-256 of the token in the mail, hexadecimal. */
  readonly token_hash: string;
  readonly created_at: number;
  readonly created_by: string;
  readonly expires_at: number;
  readonly accepted_at: number | null;
  readonly accepted_by: string | null;
  readonly revoked_at: number | null;
}

export interface GrantsTable {
  readonly id: string;
  readonly space: string;
  readonly organisation: string;
  readonly principal: string;
  /** Actions with blanks between them; empty: shut out. */
  readonly actions: string;
  readonly created_at: number;
  readonly created_by: string;
}

export interface OrganisationTables {
  readonly organisations: OrganisationsTable;
  readonly members: MembersTable;
  readonly invitations: InvitationsTable;
  readonly grants: GrantsTable;
}
