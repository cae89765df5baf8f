/**
 * Rows for every table of a schema, made from its catalog, so that tests of isolation and of migrations meet tables
 * that are added after them. Row `n` has the number `n` in every numeric column and the like in others, which also
 * satisfies foreign keys, because they refer to row `n` of another table.
 */
import type { TestDatabase } from "./postgres-or-skip.ts";

interface ColumnFacts {
  readonly table: string;
  readonly column: string;
  readonly type: string;
  readonly is_array: boolean;
  /** What follows the type in parentheses; -1 for nothing. */
  readonly size: number;
}

/** A table's columns with their values for one row, as SQL. */
export interface MadeRow {
  readonly table: string;
  readonly values: ReadonlyMap<string, string>;
}

const scalar = (type: string, size: number, n: number): string => {
  if (/^(?:int2|int4|int8|float4|float8|numeric|oid)$/u.test(type)) return String(n);
  if (/^(?:text|varchar|name|bpchar)$/u.test(type)) return `'text ${n}'`;
  if (type === "bool") return n % 2 === 0 ? "false" : "true";
  if (type === "bytea") return `'\\x${n.toString(16).padStart(8, "0")}'`;
  if (type === "uuid") return `'00000000-0000-4000-8000-${String(n).padStart(12, "0")}'`;
  if (type === "timestamptz" || type === "timestamp") return `'2026-01-0${n}'`;
  if (type === "jsonb" || type === "json") return `'{"n": ${n}}'`;
  if (type === "vector" || type === "halfvec")
    return `'[${Array.from({ length: Math.max(1, size) }, () => n).join()}]'`;
  throw new Error(`There is no made-up value for columns of type ${type} yet: add one here.`);
};

const valueOf = ({ type, is_array: isArray, size }: ColumnFacts, n: number): string => {
  const element = isArray ? type.slice(1) : type;
  return isArray ? `ARRAY[${scalar(element, size, n)}]::${element}[]` : scalar(element, size, n);
};

/** Tables without those that are only partitions of others, referenced ones before those that refer to them. */
export const tablesInOrder = async (database: TestDatabase, schema: string): Promise<readonly string[]> => {
  const tables = await database.run<{ name: string; needs: string[] }>(`
    SELECT c.relname AS name, array(
      SELECT DISTINCT r.relname::text FROM pg_constraint k JOIN pg_class r ON r.oid = k.confrelid
      WHERE k.conrelid = c.oid AND k.contype = 'f' AND r.oid <> c.oid
    ) AS needs
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = '${schema}' AND c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relname <> 'migrations'
    ORDER BY c.relname`);
  const ordered: string[] = [];
  while (ordered.length < tables.length) {
    const ready = tables.filter(
      ({ name, needs }) => !ordered.includes(name) && needs.every((one) => ordered.includes(one)),
    );
    if (ready.length === 0) throw new Error("Foreign keys go in a circle.");
    ordered.push(...ready.map(({ name }) => name));
  }
  return ordered;
};

/** Row `n` of every table; `fixed` are values, as SQL, of columns that are named so in any table. */
export const makeRows = async (
  database: TestDatabase,
  schema: string,
  n: number,
  fixed: Readonly<Record<string, string>>,
): Promise<readonly MadeRow[]> => {
  const columns = await database.run<ColumnFacts>(`
    SELECT c.relname AS table, a.attname AS column, t.typname AS type, t.typcategory = 'A' AS is_array,
      a.atttypmod AS size
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_type t ON t.oid = a.atttypid
    WHERE c.relnamespace = '${schema}'::regnamespace AND c.relkind IN ('r', 'p') AND a.attnum > 0
      AND NOT a.attisdropped AND a.attgenerated = '' AND a.attidentity <> 'a'
    ORDER BY a.attnum`);
  return (await tablesInOrder(database, schema)).map((table) => ({
    table,
    values: new Map(
      columns
        .filter((one) => one.table === table)
        .map((one) => [one.column, fixed[one.column] ?? valueOf(one, n)] as const),
    ),
  }));
};

/** `INSERT` of a row, with its table named without a schema. */
export const insertOf = ({ table, values }: MadeRow): string =>
  `INSERT INTO ${table} (${[...values.keys()].join()}) VALUES (${[...values.values()].join()})`;
