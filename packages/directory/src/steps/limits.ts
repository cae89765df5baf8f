/**
 * What limits count (`../limits/`). In PostgreSQL these tables are part of the directory; on SQLite they are a file of
 * their own, `limits.db`, because every change of `directory.db` makes processes forget what they remember of it.
 * Servers look at these rows each time, so nobody is told of changes.
 */
import type { SchemaStep, SqlWords } from "./schema-step.ts";

/** Columns that say how a row was last asked are there for the one statement that counts and answers. */
export const limitTables = ({ text, integer, endOfTable }: SqlWords): readonly string[] => [
  `create table limit_rates (
    key ${text} not null primary key,
    span ${integer} not null,
    most ${integer} not null,
    at ${integer} not null,
    number ${integer} not null,
    count ${integer} not null,
    previous ${integer} not null,
    admitted ${integer} not null
  )${endOfTable}`,
  `create table limit_usage (
    organisation ${text} not null,
    name ${text} not null,
    period ${text} not null,
    used ${integer} not null,
    pending ${integer} not null,
    changes ${integer} not null,
    asked ${integer} not null,
    most ${integer} not null,
    known_for ${integer},
    granted ${integer} not null,
    surveyed_at ${integer},
    updated_at ${integer} not null,
    primary key (organisation, name, period)
  )${endOfTable}`,
];

export const limitsStep: SchemaStep = {
  name: "limits",
  statements: (words) => (words.database === "postgres" ? limitTables(words) : []),
  // Rates are not worth a write-ahead log; both are changed in place again and again, which takes room in the page.
  postgresOnly: `
    alter table limit_rates set unlogged;
    alter table limit_rates set (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.05);
    alter table limit_usage set (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.05);
  `,
};
