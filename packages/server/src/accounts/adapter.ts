/**
 * better-auth's database as the directory's own: its calls become single statements on `DirectoryDatabase`, so that
 * retries, deadlines, roles and coded errors are those of everything else, on SQLite and PostgreSQL alike. Dates are kept
 * as milliseconds and truths as 0 and 1, as in all of the directory.
 */
import type { Access, DirectoryDatabase } from "@cairn/directory/database/directory-database";
import type { PeopleTables } from "@cairn/directory/tables/people";
import { type CleanedWhere, createAdapterFactory, type CustomAdapter } from "better-auth/adapters";
import type { Expression, ExpressionBuilder, Kysely, SqlBool } from "kysely";

type Values = Record<string, unknown>;
/** Which columns a table has is for better-auth to know here: its names are mapped in `auth-options.ts`. */
type Loose = Record<string, Values>;

const tableNames: ReadonlySet<string> = new Set<keyof PeopleTables>([
  "people",
  "accounts",
  "sessions",
  "verifications",
  "second_factors",
]);

const loose = ({ tables }: Access, model: string): Kysely<Loose> => {
  if (!tableNames.has(model)) throw new Error(`better-auth asked for the table ${model}.`);
  return tables as unknown as Kysely<Loose>;
};

const signs = { eq: "=", ne: "<>", lt: "<", lte: "<=", gt: ">", gte: ">=", in: "in", not_in: "not in" } as const;

const condition = (
  eb: ExpressionBuilder<Loose, string>,
  { field, operator = "eq", value }: CleanedWhere,
): Expression<SqlBool> => {
  if (value === null) return eb(field, operator === "ne" ? "is not" : "is", null);
  const sign = operator in signs ? signs[operator as keyof typeof signs] : undefined;
  if (sign === undefined) throw new Error(`better-auth asked to compare with ${operator}.`);
  return eb(field, sign, value);
};

/** All with AND, and where there are some with OR, one of those. */
const matching =
  (where: readonly CleanedWhere[] = []) =>
  (eb: ExpressionBuilder<Loose, string>): Expression<SqlBool> => {
    const [all, some] = [where.filter((one) => one.connector !== "OR"), where.filter((one) => one.connector === "OR")];
    const parts = all.map((one) => condition(eb, one));
    return eb.and(some.length === 0 ? parts : [...parts, eb.or(some.map((one) => condition(eb, one)))]);
  };

/** One row at most, whichever the condition finds first. */
const oneOf =
  (model: string, where: readonly CleanedWhere[]) =>
  (eb: ExpressionBuilder<Loose, string>): Expression<SqlBool> =>
    eb.and([
      matching(where)(eb),
      eb(
        "id",
        "in",
        eb
          .selectFrom(model)
          .select("id")
          .where((inner) => matching(where)(inner))
          .limit(1),
      ),
    ]);

type ColumnOf = (of: { readonly model: string; readonly field: string }) => string;

const customAdapter = (database: DirectoryDatabase, columnOf: ColumnOf): CustomAdapter => {
  const find = async (
    model: string,
    where: readonly CleanedWhere[] | undefined,
    limit: number,
    more: {
      readonly offset?: number | undefined;
      readonly sortBy?: { field: string; direction: "asc" | "desc" } | undefined;
    } = {},
  ): Promise<readonly Values[]> =>
    database.read((access) => {
      let query = loose(access, model).selectFrom(model).selectAll().where(matching(where)).limit(limit);
      if (more.sortBy !== undefined) {
        query = query.orderBy(columnOf({ model, field: more.sortBy.field }), more.sortBy.direction);
      }
      if (more.offset !== undefined && more.offset > 0) query = query.offset(more.offset);
      return query.execute();
    });
  /** Who changed is known only when it is done; then what is remembered here of their sessions is forgotten. */
  const changing = (
    model: string,
    work: (tables: Kysely<Loose>) => Promise<readonly Values[]>,
  ): Promise<readonly Values[]> => {
    if (model !== "sessions") return database.change((access) => work(loose(access, model)));
    const topics: string[] = [];
    return database.write(topics, async (access) => {
      const rows = await work(loose(access, model));
      topics.push(...rows.map((row) => `people ${String(row["person"])}`));
      return rows;
    });
  };
  const remove = async (model: string, where: readonly CleanedWhere[]): Promise<number> => {
    const rows = await changing(model, (tables) =>
      tables.deleteFrom(model).where(matching(where)).returningAll().execute(),
    );
    return rows.length;
  };
  const update = async (model: string, where: readonly CleanedWhere[], values: Values): Promise<Values | null> => {
    const rows = await changing(model, (tables) =>
      tables.updateTable(model).set(values).where(oneOf(model, where)).returningAll().execute(),
    );
    return rows[0] ?? null;
  };
  return {
    create: async ({ model, data }) =>
      (await database.change((access) =>
        loose(access, model).insertInto(model).values(data).returningAll().executeTakeFirstOrThrow(),
      )) as typeof data,
    findOne: async <T>({ model, where }: { readonly model: string; readonly where: CleanedWhere[] }) =>
      ((await find(model, where, 1))[0] ?? null) as T | null,
    findMany: async <T>({ model, where, limit, offset, sortBy }: Parameters<CustomAdapter["findMany"]>[0]) =>
      (await find(model, where, limit, { offset, sortBy })) as T[],
    count: ({ model, where }) =>
      database.read(async (access) => {
        const query = loose(access, model).selectFrom(model).where(matching(where));
        const { count } = await query.select((eb) => eb.fn.countAll().as("count")).executeTakeFirstOrThrow();
        return Number(count);
      }),
    update: async ({ model, where, update: values }) =>
      where.length === 0 ? null : ((await update(model, where, values as Values)) as typeof values | null),
    updateMany: async ({ model, where, update: values }) => {
      const rows = await changing(model, (tables) =>
        tables.updateTable(model).set(values).where(matching(where)).returningAll().execute(),
      );
      return rows.length;
    },
    delete: async ({ model, where }) => void (await remove(model, where)),
    deleteMany: ({ model, where }) => remove(model, where),
    consumeOne: async <T>({ model, where }: { readonly model: string; readonly where: CleanedWhere[] }) =>
      (await database.change(
        async (access) =>
          (await loose(access, model).deleteFrom(model).where(oneOf(model, where)).returningAll().executeTakeFirst()) ??
          null,
      )) as T | null,
    incrementOne: async <T>({
      model,
      where,
      increment,
      set,
    }: {
      readonly model: string;
      readonly where: CleanedWhere[];
      readonly increment: Record<string, number>;
      readonly set?: Values | undefined;
    }) =>
      (await database.change(async (access) => {
        const { sql } = access;
        const raised = Object.entries(increment).map(([column, by]) => [
          column,
          sql`coalesce(${sql.ref(column)}, 0) + ${by}`,
        ]);
        const values = { ...set, ...(Object.fromEntries(raised) as Values) };
        const query = loose(access, model).updateTable(model).set(values).where(oneOf(model, where)).returningAll();
        return (await query.executeTakeFirst()) ?? null;
      })) as T | null,
  };
};

const stored = (value: unknown): unknown => {
  if (value instanceof Date) return value.getTime();
  if (typeof value === "boolean") return value ? 1 : 0;
  return Array.isArray(value) ? value.map(stored) : value;
};

export const directoryAdapter = (database: DirectoryDatabase) =>
  createAdapterFactory({
    config: {
      adapterId: "cairn-directory",
      supportsDates: true,
      supportsBooleans: true,
      supportsNumericIds: false,
      transaction: false,
      customTransformInput: ({ data }) => stored(data),
      customTransformOutput: ({ data, fieldAttributes: { type } }) => {
        if (type === "date" && typeof data === "number") return new Date(data);
        if (type === "boolean" && typeof data === "number") return data === 1;
        return data as unknown;
      },
    },
    adapter: ({ getFieldName }) => customAdapter(database, getFieldName),
  });
