/**
 * The directory's tables, once for both databases, as steps that only go forward. SQLite counts the steps a file has
 * taken in `user_version` (`migrations.ts`), PostgreSQL in a table of the schema `cairn_directory`
 * (`postgres-migrations.ts`).
 *
 * What differs between the two is in `SqlWords`, so that tables cannot drift apart. To add tables: add one step in
 * `steps/`, their columns in `tables/`, and queries over `database/directory-database.ts` that name every column they
 * read: PostgreSQL refuses prepared statements whose `select *` a later step has widened. The application's rights on
 * new tables are given by `postgres-migrations.ts`; a table whose rows servers remember gets the trigger `tell_topic`
 * (`steps/schema-step.ts`), and one whose rows are compared by name a column that we compute and compare byte by byte.
 *
 * A step must be quick and must leave the tables readable and writable for servers of the version before, which run on
 * while it is taken: only add tables, and columns that may be null or have a constant default.
 */
import { defaultSpaceId, defaultSpaceName } from "./space-directory.ts";
import { keysStep } from "./steps/keys.ts";
import { ledgerStep } from "./steps/ledger.ts";
import { limitsStep } from "./steps/limits.ts";
import { organisationsStep } from "./steps/organisations.ts";
import { peopleStep } from "./steps/people.ts";
import type { SchemaStep, SqlWords } from "./steps/schema-step.ts";
import { tokensStep } from "./steps/tokens.ts";

export const sqliteWords: SqlWords = {
  database: "sqlite",
  text: "text",
  integer: "integer",
  now: "cast(round((julianday('now') - 2440587.5) * 86400000) as integer)",
  endOfTable: " strict",
};

export const postgresWords: SqlWords = {
  database: "postgres",
  text: 'text collate "C"',
  integer: "bigint",
  now: "(extract(epoch from clock_timestamp()) * 1000)::bigint",
  endOfTable: "",
};

/** Where servers tell each other which rows changed; the payload is a table's name and a row's id, never more. */
export const changesChannel = "cairn_directory";

/** Never change a step that was released; add one. Times are milliseconds since 1970 UTC. */
export const schemaSteps: readonly SchemaStep[] = [
  {
    name: "spaces",
    statements: ({ text, integer, now, endOfTable }) => [
      `create table spaces (
        id ${text} not null primary key,
        name ${text} not null,
        name_key ${text} not null unique,
        description ${text},
        created_at ${integer} not null,
        updated_at ${integer} not null
      )${endOfTable}`,
      `insert into spaces (id, name, name_key, description, created_at, updated_at)
        select '${defaultSpaceId}', '${defaultSpaceName}', '${defaultSpaceName}', null, moment, moment
        from (select ${now} as moment) as present`,
    ],
  },
  {
    // No check of the value: a later version may know more modes, and an older file must still be read then.
    name: "reranking of a space",
    statements: ({ text }) => [`alter table spaces add column rerank ${text}`],
  },
  {
    // Which cell holds a space, and a move under way (`placement.ts`). epoch rises with each change of these columns.
    name: "cells",
    statements: ({ text, integer }) => [
      `alter table spaces add column cell ${text}`,
      `alter table spaces add column epoch ${integer} not null default 0`,
      `alter table spaces add column move_from ${text}`,
      `alter table spaces add column move_to ${text}`,
      `alter table spaces add column move_phase ${text}`,
      `alter table spaces add column move_started_at ${integer}`,
    ],
    postgresOnly: `
      create function tell_change() returns trigger language plpgsql set search_path = pg_catalog, pg_temp as $$
      begin
        perform pg_notify('${changesChannel}', tg_table_name || ' ' || old.id);
        return null;
      end $$;
      revoke all on function tell_change() from public;
      create trigger tell_change after update or delete on spaces for each row execute function tell_change();
    `,
  },
  {
    // `kept-answers.ts`. Servers look at it each time, so nobody is told of changes.
    name: "kept answers",
    statements: ({ text, integer, endOfTable }) => [
      `create table kept_answers (
        id ${text} not null primary key,
        principal ${text} not null,
        body ${text} not null,
        owner ${text},
        until ${integer} not null,
        space ${text},
        answer ${text},
        withheld ${integer} not null
      )${endOfTable}`,
      "create index kept_answers_of_principal on kept_answers (principal, until)",
      "create index kept_answers_until on kept_answers (until)",
      "create index kept_answers_of_space on kept_answers (space) where answer is not null",
      "create index kept_answers_under_way on kept_answers (id) where owner is not null",
    ],
  },
  organisationsStep,
  peopleStep,
  keysStep,
  tokensStep,
  ledgerStep,
  limitsStep,
];
