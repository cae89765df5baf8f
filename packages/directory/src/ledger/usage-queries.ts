/** The queries about usage, in SQL that SQLite and PostgreSQL read alike. */
import type { Access } from "../database/directory-database.ts";
import { always, jsonRows, numberField, textField } from "./json-rows.ts";
import type { UsageQuery, UsageRow } from "./ledger-directory.ts";
import { dayBefore, levelMetrics, type UsageCount, type UsageLevel, type UsageMetric } from "./usage.ts";

const columns = ["organisation", "day", "metric", "space", "key", "amount"] as const;

const rowsOf = (access: Access, rows: readonly (UsageCount | (UsageLevel & { readonly key: string }))[]) =>
  access.tables
    .insertInto("usage_days")
    .columns([...columns])
    .expression((is) =>
      is
        .selectFrom(jsonRows(access, rows))
        .select(
          columns.map((name) =>
            name === "amount" ? numberField(access, name).as(name) : textField(access, name).as(name),
          ),
        )
        .where(always(access)),
    );

const place = ["organisation", "day", "metric", "space", "key"] as const;

/** `counts`: in the order of `summedCounts`. */
export const addCounts = async (access: Access, counts: readonly UsageCount[]): Promise<void> => {
  if (counts.length === 0) return;
  await rowsOf(access, counts)
    .onConflict((conflict) =>
      conflict
        .columns([...place])
        .doUpdateSet({ amount: (is) => is("usage_days.amount", "+", is.ref("excluded.amount")) }),
    )
    .execute();
};

export const setLevels = async (access: Access, levels: readonly UsageLevel[]): Promise<void> => {
  if (levels.length === 0) return;
  const rows = levels
    .map((level) => ({ ...level, key: "" }))
    .toSorted((a, b) => `${a.day}${a.metric}${a.space}`.localeCompare(`${b.day}${b.metric}${b.space}`));
  await rowsOf(access, rows)
    .onConflict((conflict) => conflict.columns([...place]).doUpdateSet({ amount: (is) => is.ref("excluded.amount") }))
    .execute();
};

const asked = ({ tables }: Access, { organisation, from, to, space, keys }: UsageQuery) => {
  let query = tables
    .selectFrom("usage_days")
    .where("organisation", "=", organisation)
    .where("day", ">=", from)
    .where("day", "<=", to);
  if (space !== undefined) query = query.where("space", "=", space);
  // What there is belongs to no key.
  if (keys !== undefined) query = query.where("key", "in", keys.length === 0 ? ["\u0001"] : [...keys]);
  return query;
};

/** Amounts by day and by what `by` says; at most `limit` rows. */
export const readUsage = async (access: Access, query: UsageQuery): Promise<readonly UsageRow[]> => {
  const { by, limit } = query;
  const { sql } = access;
  const space = by === "space" || by === "space_key" ? sql.ref<string>("space") : sql<string>`''`;
  const key = by === "key" || by === "space_key" ? sql.ref<string>("key") : sql<string>`''`;
  const named = asked(access, query)
    .select(["day", "metric", space.as("space_of"), key.as("key_of"), (is) => is.fn.sum<number>("amount").as("amount")])
    .groupBy(["day", "metric", "space_of", "key_of"])
    .orderBy("day")
    .orderBy("metric")
    .orderBy("space_of")
    .orderBy("key_of")
    .limit(limit);
  const rows = await named.execute();
  return rows.map((row) => ({
    day: row.day,
    metric: row.metric as UsageMetric,
    space: row.space_of,
    key: row.key_of,
    amount: row.amount,
  }));
};

/**
 * What there was at the end of the period: of each space that was measured on its last measured day or the day before,
 * the last amount; a space that is gone is not measured any more.
 */
export const readLevels = async (access: Access, query: UsageQuery): Promise<readonly UsageLevel[]> => {
  const levels = asked(access, query).where("metric", "in", [...levelMetrics]);
  const last = await levels.select((is) => is.fn.max("day").as("day")).executeTakeFirst();
  if (last?.day === undefined || last.day === null) return [];
  const rows = await levels
    .select(["day", "metric", "space", "amount"])
    .where("day", ">=", dayBefore(last.day))
    .orderBy("day")
    .execute();
  const latest = new Map<string, UsageLevel>();
  for (const { day, metric, space, amount } of rows) {
    const { organisation } = query;
    latest.set(`${metric} ${space}`, {
      organisation,
      day,
      metric: metric as UsageLevel["metric"],
      space,
      amount,
    });
  }
  return [...latest.values()];
};
