/** Rows of `steps/people.ts`. Times are milliseconds since 1970 UTC; truths are 0 or 1. */
export interface PeopleTable {
  readonly id: string;
  readonly name: string;
  /** As addresses are compared: lower case. */
  readonly email: string;
  readonly email_verified: number;
  readonly image: string | null;
  readonly two_factor_enabled: number | null;
  /** Null: may sign in. */
  readonly disabled_at: number | null;
  readonly created_at: number;
  readonly updated_at: number;
}

/** A way to sign in. */
export interface AccountsTable {
  readonly id: string;
  readonly person: string;
  /** `credential` for a password, otherwise a provider of the settings. */
  readonly provider_id: string;
  /** The provider's name of the person; the person's id for a password. */
  readonly account_id: string;
  /** Salt and scrypt hash. */
  readonly password: string | null;
  /** Always null: what providers hand out is not kept. */
  readonly access_token: string | null;
  readonly refresh_token: string | null;
  readonly id_token: string | null;
  readonly access_token_expires_at: number | null;
  readonly refresh_token_expires_at: number | null;
  readonly scope: string | null;
  readonly created_at: number;
  readonly updated_at: number;
}

export interface SessionsTable {
  readonly id: string;
  readonly person: string;
  /** Of no use without the server's secret, which signs it in the cookie. */
  readonly token: string;
  readonly address: string | null;
  readonly user_agent: string | null;
  readonly expires_at: number;
  readonly created_at: number;
  readonly updated_at: number;
}

/** What was begun and is waited for: links in mails, sign-ins at a provider, second steps. */
export interface VerificationsTable {
  readonly id: string;
  /** What recognises it, hashed. */
  readonly identifier: string;
  readonly value: string;
  readonly expires_at: number;
  readonly created_at: number;
  readonly updated_at: number;
}

export interface SecondFactorsTable {
  readonly id: string;
  readonly person: string;
  /** Encrypted with the server's secret, as are the codes. */
  readonly secret: string;
  readonly backup_codes: string;
  readonly verified: number | null;
  readonly failures: number | null;
  readonly locked_until: number | null;
}

/** How often something was tried; `id` is a digest that tells of nobody. */
export interface AttemptsTable {
  readonly id: string;
  readonly count: number;
  readonly until: number;
}

export interface PeopleTables {
  readonly people: PeopleTable;
  readonly accounts: AccountsTable;
  readonly sessions: SessionsTable;
  readonly verifications: VerificationsTable;
  readonly second_factors: SecondFactorsTable;
  readonly attempts: AttemptsTable;
}
