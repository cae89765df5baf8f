/**
 * People and how they sign in (TEN-1): accounts, sessions, second factors and what is under way, in tables that
 * better-auth uses too (`server/src/accounts/adapter.ts`), and counters against guessing. Times are milliseconds and
 * truths are 0 or 1, as everywhere in the directory.
 */
import { type SchemaStep, tellTopic } from "./schema-step.ts";

export const peopleStep: SchemaStep = {
  name: "people",
  statements: ({ text, integer, endOfTable }) => [
    `create table people (
      id ${text} not null primary key,
      name ${text} not null,
      email ${text} not null unique,
      email_verified ${integer} not null,
      image ${text},
      two_factor_enabled ${integer},
      disabled_at ${integer},
      created_at ${integer} not null,
      updated_at ${integer} not null
    )${endOfTable}`,
    `create table accounts (
      id ${text} not null primary key,
      person ${text} not null,
      provider_id ${text} not null,
      account_id ${text} not null,
      password ${text},
      access_token ${text},
      refresh_token ${text},
      id_token ${text},
      access_token_expires_at ${integer},
      refresh_token_expires_at ${integer},
      scope ${text},
      created_at ${integer} not null,
      updated_at ${integer} not null,
      unique (provider_id, account_id)
    )${endOfTable}`,
    "create index accounts_of_person on accounts (person)",
    `create table sessions (
      id ${text} not null primary key,
      person ${text} not null,
      token ${text} not null unique,
      address ${text},
      user_agent ${text},
      expires_at ${integer} not null,
      created_at ${integer} not null,
      updated_at ${integer} not null
    )${endOfTable}`,
    "create index sessions_of_person on sessions (person)",
    "create index sessions_until on sessions (expires_at)",
    `create table verifications (
      id ${text} not null primary key,
      identifier ${text} not null,
      value ${text} not null,
      expires_at ${integer} not null,
      created_at ${integer} not null,
      updated_at ${integer} not null
    )${endOfTable}`,
    "create index verifications_by_identifier on verifications (identifier)",
    "create index verifications_until on verifications (expires_at)",
    `create table second_factors (
      id ${text} not null primary key,
      person ${text} not null unique,
      secret ${text} not null,
      backup_codes ${text} not null,
      verified ${integer},
      failures ${integer},
      locked_until ${integer}
    )${endOfTable}`,
    `create table attempts (
      id ${text} not null primary key,
      count ${integer} not null,
      until ${integer} not null
    )${endOfTable}`,
    "create index attempts_until on attempts (until)",
  ],
  // A session that is used longer is no news; one that ended is.
  postgresOnly: `
    ${tellTopic("people", "id", ["name", "email", "email_verified", "disabled_at"])}
    create trigger tell_topic after delete or update of token, person on sessions
      for each row execute function tell_topic('id');
  `,
};
