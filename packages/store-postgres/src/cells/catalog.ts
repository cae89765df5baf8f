/**
 * The tables that make up a space, read from the database's own catalog, so that a table of a later migration moves with
 * the rest: every one that has a column `space`, those that others refer to first.
 */
import { CairnError } from "@cairn/kernel/error";
import type { PostgresPool } from "../connection/pool.ts";
import { memorySchema } from "../connection/roles.ts";

export interface Column {
  readonly name: string;
  /** As in a cast. */
  readonly type: string;
  /** As an expression whose value can be hashed and is equal where the value is. */
  readonly hashed: string;
  /** Of texts and bytes: what they take. */
  readonly sized: boolean;
}

export interface Table {
  readonly name: string;
  readonly columns: readonly Column[];
  /** Of the primary key, after the space. */
  readonly key: readonly Column[];
  /** Columns, after the space, of the other unique indexes. */
  readonly uniques: readonly (readonly string[])[];
  /** Tables that this one refers to, or their children in turn. */
  readonly parents: ReadonlySet<string>;
}

/** A table with what a database has made for itself of a space's rows. */
export interface OwnTable {
  readonly name: string;
  /** It is partitioned by the space's `part`. */
  readonly isParted: boolean;
}

export interface Catalog {
  /** Those that move, parents first; without `space_state`. */
  readonly tables: readonly Table[];
  /** Those that do not. */
  readonly own: readonly OwnTable[];
  /** The columns of `space_state` that are the space's own, not the database's. */
  readonly state: readonly string[];
}

/** What each database makes for itself of a large space (migrations/0002-large-spaces.ts), and anew where it arrives. */
const ownTables: ReadonlySet<string> = new Set([
  "large_spaces",
  "large_counts",
  "term_counts",
  "postings",
  "entered",
  "nearest",
]);
const ownColumns: ReadonlySet<string> = new Set(["space", "part", "fence", "fence_until", "move_epoch", "mover"]);

const columnsSql = `
  SELECT c.relname::text AS "table", quote_ident(a.attname) AS name, format_type(a.atttypid, a.atttypmod) AS type,
    t.typname::text AS kind, (SELECT array_position(i.indkey::int2[], a.attnum) FROM pg_index i
      WHERE i.indrelid = c.oid AND i.indisprimary) AS key_at
  FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid JOIN pg_type t ON t.oid = a.atttypid
  WHERE c.relnamespace = $1::text::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
    AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
    AND EXISTS (SELECT FROM pg_attribute s WHERE s.attrelid = c.oid AND s.attname = 'space' AND NOT s.attisdropped)
  ORDER BY c.relname, a.attnum`;

const referencesSql = `
  SELECT DISTINCT c.relname::text AS "table", r.relname::text AS parent
  FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_class r ON r.oid = k.confrelid
  WHERE k.contype = 'f' AND c.relnamespace = $1::text::regnamespace AND r.oid <> c.oid`;

const uniquesSql = `
  SELECT c.relname::text AS "table", ARRAY(
    SELECT quote_ident(a.attname) FROM unnest(i.indkey::int2[]) WITH ORDINALITY AS k (attnum, at)
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.attnum WHERE a.attname <> 'space' ORDER BY k.at
  )::text[] AS columns
  FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
  WHERE i.indisunique AND NOT i.indisprimary AND c.relnamespace = $1::text::regnamespace`;

const hashable = /^_?(?:bool|int2|int4|int8|float4|float8|numeric|text|varchar|bytea|uuid|timestamptz)$/u;
const sized = /^(?:text|varchar|bytea)$/u;

interface ColumnRow {
  readonly table: string;
  readonly name: string;
  readonly type: string;
  readonly kind: string;
  readonly key_at: number | null;
}

const columnOf = ({ name, type, kind }: ColumnRow): Column => ({
  name,
  type,
  hashed: hashable.test(kind) ? name : `${name}::text`,
  sized: sized.test(kind),
});

/** Those that a table refers to, and those that they do. */
const ancestors = (name: string, parentsOf: ReadonlyMap<string, readonly string[]>): ReadonlySet<string> => {
  const found = new Set<string>();
  const add = (one: string): void => {
    for (const parent of parentsOf.get(one) ?? []) {
      if (found.has(parent)) continue;
      found.add(parent);
      add(parent);
    }
  };
  add(name);
  return found;
};

/** Throws internal for a table that could not be copied. */
export const readCatalog = (pool: PostgresPool): Promise<Catalog> =>
  pool.transaction({ space: null, readOnly: true, snapshot: true }, async (connection) => {
    const [columns, references, uniques] = await Promise.all([
      connection.query<ColumnRow>(columnsSql, [memorySchema]),
      connection.query<{ table: string; parent: string }>(referencesSql, [memorySchema]),
      connection.query<{ table: string; columns: readonly string[] }>(uniquesSql, [memorySchema]),
    ]);
    const byTable = Map.groupBy(columns, ({ table }) => table);
    const parentsOf = new Map(
      Array.from(
        Map.groupBy(references, ({ table }) => table),
        ([table, of]) => [table, of.map((one) => one.parent)],
      ),
    );
    const tables = [...byTable].flatMap(([name, of]): readonly Table[] => {
      if (name === "space_state" || ownTables.has(name)) return [];
      const key = of
        .filter((column) => column.key_at !== null && column.name !== "space")
        .toSorted((one, other) => (one.key_at ?? 0) - (other.key_at ?? 0))
        .map(columnOf);
      if (key.length === 0) throw new CairnError("internal", `The table ${name} has no primary key to copy it by.`);
      return [
        {
          name,
          columns: of.map(columnOf),
          key,
          uniques: uniques.filter((one) => one.table === name).map((one) => one.columns),
          parents: ancestors(name, parentsOf),
        },
      ];
    });
    // An ancestor has fewer ancestors than those who descend from it.
    const ordered = tables.toSorted((one, other) => one.parents.size - other.parents.size);
    const state = (byTable.get("space_state") ?? []).map(({ name }) => name).filter((name) => !ownColumns.has(name));
    const own = [...byTable]
      .filter(([name]) => ownTables.has(name))
      .map(([name, of]) => ({ name, isParted: of.some((column) => column.name === "part") }));
    return { tables: ordered, own, state };
  });
