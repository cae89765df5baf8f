/**
 * What in a schema of the engine would let one space meet another: every table, partition, view, sequence, function and
 * right, read from the catalog, so that what is added later is held to the same. One sentence a fault.
 */
import { appRole, memorySchema, ownerRole } from "../connection/roles.ts";

export type Ask = (sql: string) => Promise<readonly { readonly fault: string }[]>;

/** The one condition of all policies, as the catalog writes it. */
const bound = `(space = (NULLIF(current_setting('app.space'::text, true), ''::text))::uuid)`;
/** The list of migrations is the same for all spaces; the application may read it, and nothing else. */
const list = "migrations";

const relations = `pg_class c WHERE c.relnamespace = '${memorySchema}'::regnamespace`;
const tables = `${relations} AND c.relkind IN ('r', 'p') AND c.relname <> '${list}'`;
const firstColumn = (keys: string, of = "c.oid"): string =>
  `(SELECT attname FROM pg_attribute WHERE attrelid = ${of} AND attnum = (${keys})[0])`;

const checks: Readonly<Record<string, string>> = {
  "does not have row-level security": `SELECT c.relname AS fault FROM ${tables} AND NOT c.relrowsecurity`,
  "does not force row-level security on its owner": `SELECT c.relname AS fault FROM ${tables} AND NOT c.relforcerowsecurity`,
  "has not exactly one policy": `SELECT c.relname AS fault FROM ${tables}
    AND (SELECT count(*) FROM pg_policy p WHERE p.polrelid = c.oid) <> 1`,
  "has a policy that is not the bound space's, for everybody and everything": `SELECT c.relname AS fault FROM ${tables}
    AND EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid AND NOT (
      p.polcmd = '*' AND p.polroles = '{0}'
      AND pg_get_expr(p.polqual, c.oid) = $bound$${bound}$bound$
      AND pg_get_expr(p.polwithcheck, c.oid) IS NOT DISTINCT FROM $bound$${bound}$bound$))`,
  "has no space of type uuid that is never null": `SELECT c.relname AS fault FROM ${tables}
    AND NOT EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'space'
      AND a.atttypid = 'uuid'::regtype AND a.attnotnull)`,
  "has no primary key": `SELECT c.relname AS fault FROM ${tables}
    AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conrelid = c.oid AND k.contype = 'p')`,
  // In a partition that can hold one space's rows alone every index is that space's.
  "is an index that does not begin with the space": `SELECT i.indexrelid::regclass::text AS fault
    FROM pg_index i JOIN ${tables.replace("WHERE", "ON i.indrelid = c.oid WHERE")}
    AND ${firstColumn("i.indkey")} IS DISTINCT FROM 'space'
    AND NOT (c.relispartition AND EXISTS (SELECT FROM pg_constraint k WHERE k.conrelid = c.oid AND k.contype = 'c'
      AND k.convalidated AND pg_get_constraintdef(k.oid) ~ '^CHECK \\(\\(\\(space = ''[0-9a-f-]{36}''::uuid\\) AND '))`,
  "is a foreign key that does not begin with the space": `SELECT k.conname AS fault
    FROM pg_constraint k JOIN ${tables.replace("WHERE", "ON k.conrelid = c.oid WHERE")} AND k.contype = 'f' AND NOT (
      (SELECT attname FROM pg_attribute WHERE attrelid = k.conrelid AND attnum = k.conkey[1]) = 'space'
      AND (SELECT attname FROM pg_attribute WHERE attrelid = k.confrelid AND attnum = k.confkey[1]) = 'space')`,
  "does not belong to the owner": `SELECT c.relname AS fault FROM ${relations}
    AND pg_get_userbyid(c.relowner) <> '${ownerRole}'
    AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')`,
  "gives more than reading and writing rows, or to others than the application": `
    SELECT c.relname || ' (' || a.privilege_type || ')' AS fault
    FROM (SELECT * FROM ${relations}) c, aclexplode(c.relacl) a
    WHERE a.grantee <> c.relowner AND NOT (
      a.grantee = '${appRole}'::regrole AND NOT a.is_grantable
      AND a.privilege_type = ANY (CASE
        WHEN c.relname = '${list}' THEN '{SELECT}'::text[]
        WHEN c.relkind = 'S' THEN '{USAGE,SELECT}'
        ELSE '{SELECT,INSERT,UPDATE,DELETE}' END))`,
  "gives rights on single columns": `SELECT c.relname AS fault FROM ${relations}
    AND EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attacl IS NOT NULL)`,
  "is a view that does not ask in the name of who reads it": `SELECT c.relname AS fault FROM ${relations}
    AND c.relkind = 'v' AND NOT coalesce('security_invoker=true' = ANY (c.reloptions), false)`,
  "is a materialised view or a foreign table, which policies cannot bind": `SELECT c.relname AS fault
    FROM ${relations} AND c.relkind IN ('m', 'f')`,
  "has a rule": `SELECT c.relname AS fault FROM ${relations} AND c.relkind <> 'v' AND c.relhasrules`,
  "is a function with its owner's rights": `SELECT p.oid::regprocedure::text AS fault FROM pg_proc p
    WHERE p.pronamespace = '${memorySchema}'::regnamespace AND p.prosecdef`,
  "is a function that everybody may call": `SELECT p.oid::regprocedure::text AS fault FROM pg_proc p
    WHERE p.pronamespace = '${memorySchema}'::regnamespace
      AND EXISTS (SELECT FROM aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a WHERE a.grantee = 0)
      AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')`,
  "is a function without a search path of its own": `SELECT p.oid::regprocedure::text AS fault FROM pg_proc p
    WHERE p.pronamespace = '${memorySchema}'::regnamespace
      AND NOT EXISTS (SELECT FROM unnest(p.proconfig) s WHERE s LIKE 'search_path=%')
      AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')`,
  "is a right on the schema that the application or everybody must not have": `
    SELECT coalesce(nullif(a.grantee, 0)::regrole::text, 'PUBLIC') || ' (' || a.privilege_type || ')' AS fault
    FROM pg_namespace n, aclexplode(n.nspacl) a
    WHERE n.nspname = '${memorySchema}' AND a.grantee <> n.nspowner
      AND NOT (a.grantee = '${appRole}'::regrole AND a.privilege_type = 'USAGE' AND NOT a.is_grantable)`,
  "is a role that is not bound": `SELECT rolname AS fault FROM pg_roles WHERE rolname IN ('${appRole}', '${ownerRole}')
    AND (rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb OR rolreplication OR rolcanlogin)`,
  "is a role that the application can act as": `SELECT rolname AS fault FROM pg_roles
    WHERE rolname <> '${appRole}' AND pg_has_role('${appRole}', oid, 'MEMBER')`,
  "is a schema that the application can look into": `SELECT n.nspname AS fault FROM pg_namespace n
    WHERE has_schema_privilege('${appRole}', n.oid, 'USAGE')
      AND n.nspname NOT IN ('${memorySchema}', 'public', 'pg_catalog', 'information_schema')`,
  "is a schema in which the application can make things": `SELECT n.nspname AS fault FROM pg_namespace n
    WHERE has_schema_privilege('${appRole}', n.oid, 'CREATE')`,
};

/** Empty when nothing lets one space meet another. `ask` runs as a superuser. */
export const isolationFaults = async (ask: Ask): Promise<readonly string[]> => {
  const faults: string[] = [];
  for (const [sentence, sql] of Object.entries(checks)) {
    for (const { fault } of await ask(sql)) faults.push(`${fault.replaceAll(`${memorySchema}.`, "")} ${sentence}`);
  }
  return faults.sort();
};
