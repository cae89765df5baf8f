/**
 * The ledger: audit as a chain for each organisation (TEN-8), usage by day (TEN-6), and how far the spools of servers
 * are applied. Nobody remembers these rows, so nobody is told of changes.
 *
 * Entries of a chain stay as they are: on PostgreSQL the application may not change or delete them, on SQLite triggers
 * refuse it. Only an organisation that is gone loses its chain (`ledger/remove-ledger.ts`).
 */
import { directoryRole, directorySchema } from "@cairn/store-postgres/connection/roles";
import type { SchemaStep } from "./schema-step.ts";

const stays = "'entries of the audit stay as they are'";

const sqliteTriggers = [
  `create trigger audit_entries_unchanged before update on audit_entries
    begin select raise(abort, ${stays}); end`,
  `create trigger audit_entries_kept before delete on audit_entries
    when exists (select 1 from audit_heads where organisation = old.organisation)
    begin select raise(abort, ${stays}); end`,
];

export const ledgerStep: SchemaStep = {
  name: "ledger",
  statements: ({ database, text, integer, endOfTable }) => [
    `create table audit_entries (
      organisation ${text} not null,
      seq ${integer} not null,
      id ${text} not null,
      at ${integer} not null,
      principal ${text} not null,
      credential ${text} not null,
      key ${text},
      instance ${text},
      operation ${text} not null,
      kind ${text} not null,
      outcome ${text} not null,
      code ${text},
      spaces ${text} not null,
      subjects ${text} not null,
      address ${text},
      request_id ${text} not null,
      hash ${text} not null,
      primary key (organisation, seq),
      unique (id, organisation)
    )${endOfTable}`,
    "create index audit_entries_by_time on audit_entries (organisation, at, seq)",
    `create table audit_heads (
      organisation ${text} not null primary key,
      seq ${integer} not null,
      hash ${text} not null
    )${endOfTable}`,
    `create table usage_days (
      organisation ${text} not null,
      day ${text} not null,
      metric ${text} not null,
      space ${text} not null,
      key ${text} not null,
      amount ${integer} not null,
      primary key (organisation, day, metric, space, key)
    )${endOfTable}`,
    `create table spools (
      id ${text} not null primary key,
      applied ${integer} not null,
      at ${integer} not null
    )${endOfTable}`,
    "create index spools_by_time on spools (at)",
    ...(database === "sqlite" ? sqliteTriggers : []),
  ],
  postgresOnly: `
    revoke update, delete on audit_entries from ${directoryRole};
    revoke delete on audit_heads from ${directoryRole};
    create function remove_ledger(gone text) returns void language plpgsql security definer
      set search_path = pg_catalog, pg_temp as $$
    begin
      if exists (select 1 from ${directorySchema}.organisations where id = gone) then
        raise exception 'the organisation is still there' using errcode = 'object_not_in_prerequisite_state';
      end if;
      delete from ${directorySchema}.audit_entries where organisation = gone;
      delete from ${directorySchema}.audit_heads where organisation = gone;
      delete from ${directorySchema}.usage_days where organisation = gone;
    end $$;
    revoke all on function remove_ledger(text) from public;
    grant execute on function remove_ledger(text) to ${directoryRole};
  `,
};
