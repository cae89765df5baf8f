/**
 * Organisations (tenants), their members and invitations, whose each space is, and grants (COL-1, COL-2). The home
 * organisation is there from the start: what was made before anyone signed in is its own, as are spaces whose
 * `organisation` is null.
 */
import { homeOrganisation } from "@cairn/memory/permission/identity";
import { defaultSpaceId } from "../space-directory.ts";
import { type SchemaStep, tellTopic } from "./schema-step.ts";

export const organisationsStep: SchemaStep = {
  name: "organisations",
  statements: ({ text, integer, now, endOfTable }) => [
    `create table organisations (
      id ${text} not null primary key,
      name ${text} not null,
      slug ${text} not null unique,
      plan ${text},
      status ${text} not null,
      default_space ${text} not null,
      created_at ${integer} not null,
      updated_at ${integer} not null
    )${endOfTable}`,
    `insert into organisations (id, name, slug, plan, status, default_space, created_at, updated_at)
      select '${homeOrganisation}', 'Home', 'home', null, 'active', '${defaultSpaceId}', moment, moment
      from (select ${now} as moment) as present`,
    `create table members (
      id ${text} not null primary key,
      organisation ${text} not null,
      principal ${text} not null,
      role ${text} not null,
      created_at ${integer} not null,
      created_by ${text} not null,
      updated_at ${integer} not null,
      unique (organisation, principal)
    )${endOfTable}`,
    "create index members_of_organisation on members (organisation, id)",
    "create index members_by_principal on members (principal, id)",
    `create table invitations (
      id ${text} not null primary key,
      organisation ${text} not null,
      email ${text} not null,
      role ${text} not null,
      token_hash ${text} not null unique,
      created_at ${integer} not null,
      created_by ${text} not null,
      expires_at ${integer} not null,
      accepted_at ${integer},
      accepted_by ${text},
      revoked_at ${integer}
    )${endOfTable}`,
    "create index invitations_of_organisation on invitations (organisation, id)",
    // Nothing that is accepted or revoked; what merely ran out is revoked by the next one for the address.
    `create unique index one_open_invitation on invitations (organisation, email)
      where accepted_at is null and revoked_at is null`,
    `alter table spaces add column organisation ${text}`,
    `alter table spaces add column visibility ${text}`,
    `alter table spaces add column owner ${text}`,
    "create index spaces_of_organisation on spaces (organisation, name_key)",
    `create table grants (
      id ${text} not null primary key,
      space ${text} not null,
      organisation ${text} not null,
      principal ${text} not null,
      actions ${text} not null,
      created_at ${integer} not null,
      created_by ${text} not null,
      unique (space, principal)
    )${endOfTable}`,
    "create index grants_of_principal on grants (organisation, principal)",
  ],
  postgresOnly: `
    create function tell_topic() returns trigger language plpgsql set search_path = pg_catalog, pg_temp as $$
    declare
      before text := case when tg_op = 'INSERT' then null else to_jsonb(old) ->> tg_argv[0] end;
      later text := case when tg_op = 'DELETE' then null else to_jsonb(new) ->> tg_argv[0] end;
    begin
      if before is not null then perform pg_notify('cairn_directory', tg_table_name || ' ' || before); end if;
      if later is distinct from before and later is not null then
        perform pg_notify('cairn_directory', tg_table_name || ' ' || later);
      end if;
      return null;
    end $$;
    revoke all on function tell_topic() from public;
    ${tellTopic("organisations", "id")}
    ${tellTopic("members", "organisation")}
    ${tellTopic("grants", "space")}
  `,
};
