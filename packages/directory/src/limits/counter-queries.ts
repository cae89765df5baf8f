/**
 * The statements of `LimitCounters`, in SQL that SQLite and PostgreSQL read alike. Whatever counts is one statement that
 * always writes its row and says in it whether there was room: of servers that ask at once, each sees what the one
 * before it left. Rows are taken in one order, so that no two servers wait for each other.
 */
import type { Kysely, RawBuilder, sql as Sql } from "kysely";
import type { SqlWords } from "../steps/schema-step.ts";
import type { LimitsTables } from "../tables/limits.ts";
import type { Counted, Need, RateHit, Settlement, Standing } from "./limit-counters.ts";

export interface CountersAccess {
  readonly tables: Kysely<LimitsTables>;
  readonly sql: typeof Sql;
  readonly words: SqlWords;
  /** For tests, instead of the database's clock. */
  readonly clock: (() => number) | undefined;
}

type Fragment = RawBuilder<unknown>;

const presentOf = ({ sql, words, clock }: CountersAccess): Fragment =>
  clock === undefined ? sql`(${sql.raw(words.now)})` : sql`cast(${clock()} as bigint)`;

/** Losing the last moments when the database dies is worth less than a wait for its disk at each call. */
const unsynced = ({ sql, words }: CountersAccess): Fragment =>
  words.database === "postgres" ? sql`, (select set_config('synchronous_commit', 'off', true)) as quick` : sql``;

/** A row's key: counts of different windows are different counts. */
export const rateKey = ({ key, windowMs }: RateHit): string => `${key} ${windowMs}`;

export const inOrder = <Item>(items: readonly Item[], keyOf: (item: Item) => string): readonly Item[] =>
  items.toSorted((one, other) => (keyOf(one) < keyOf(other) ? -1 : 1));

const askedRates = ({ sql }: CountersAccess, hits: readonly RateHit[], present: Fragment): Fragment =>
  sql.join(
    inOrder(hits, rateKey).map(
      (hit) => sql`select cast(${rateKey(hit)} as text) as key, cast(${hit.windowMs} as bigint) as span,
        cast(${hit.most} as bigint) as most, ${present} as at`,
    ),
    sql` union all `,
  );

export interface CountedRate {
  readonly key: string;
  readonly at: number;
  /** Null: nothing was counted yet. */
  readonly number: number | null;
  readonly count: number;
  readonly previous: number;
  readonly admitted: number;
}

/** The arithmetic of `rate-window.ts`. */
export const countRates = async (access: CountersAccess, hits: readonly RateHit[]): Promise<readonly CountedRate[]> => {
  const { sql, tables } = access;
  const isSame = sql`limit_rates.number >= excluded.number`;
  const isNext = sql`limit_rates.number = excluded.number - 1`;
  const count = sql`(case when ${isSame} then limit_rates.count else 0 end)`;
  const previous = sql`(case when ${isSame} then limit_rates.previous when ${isNext} then limit_rates.count else 0 end)`;
  const elapsed = sql`(case when limit_rates.number > excluded.number then 0
    else excluded.at - excluded.number * excluded.span end)`;
  const room = sql`(case when ${previous} * (excluded.span - ${elapsed}) + (${count} + 1) * excluded.span
    <= excluded.most * excluded.span then 1 else 0 end)`;
  const { rows } = await sql<CountedRate>`
    insert into limit_rates (key, span, most, at, number, count, previous, admitted)
    select key, span, most, at, at / span, 1, 0, 1 from (${askedRates(access, hits, presentOf(access))}) as asked
    where true
    on conflict (key) do update set
      span = excluded.span, most = excluded.most, at = excluded.at,
      number = case when limit_rates.number > excluded.number then limit_rates.number else excluded.number end,
      count = ${count} + ${room}, previous = ${previous}, admitted = ${room}
    returning key, at, number, count, previous, admitted`.execute(tables);
  return rows;
};

export const readRates = async (access: CountersAccess, hits: readonly RateHit[]): Promise<readonly CountedRate[]> => {
  const { sql, tables } = access;
  const { rows } = await sql<CountedRate>`
    select asked.key as key, asked.at as at, limit_rates.number as number, limit_rates.count as count,
      limit_rates.previous as previous, 1 as admitted
    from (${askedRates(access, hits, presentOf(access))}) as asked
    left join limit_rates on limit_rates.key = asked.key`.execute(tables);
  return rows;
};

export const giveBackRates = async ({ sql, tables }: CountersAccess, hits: readonly RateHit[]): Promise<void> => {
  const keys = sql.join(inOrder(hits, rateKey).map((hit) => sql`${rateKey(hit)}`));
  await sql`update limit_rates set count = count - 1 where key in (${keys}) and count > 0`.execute(tables);
};

export const countedKey = ({ organisation, name, period }: Counted): string => `${organisation} ${name} ${period}`;

const namesOf = ({ sql }: CountersAccess, { organisation, name, period }: Counted): Fragment =>
  sql`cast(${organisation} as text) as organisation, cast(${name} as text) as name, cast(${period} as text) as period`;

export interface ReservedRow {
  readonly name: string;
  readonly period: string;
  readonly used: number;
  readonly granted: number;
  readonly known: number;
}

export const reserveUsage = async (access: CountersAccess, needs: readonly Need[]): Promise<readonly ReservedRow[]> => {
  const { sql, tables } = access;
  const present = presentOf(access);
  const asked = sql.join(
    inOrder(needs, countedKey).map(
      (need) => sql`select ${namesOf(access, need)}, cast(${need.amount} as bigint) as asked,
        cast(${need.most} as bigint) as most, cast(${need.knownForMs} as bigint) as known_for, ${present} as at`,
    ),
    sql` union all `,
  );
  // What asks for nothing asks whether something is left.
  const least = (row: "excluded" | "need"): Fragment => {
    const asks = sql.ref(`${row}.asked`);
    return sql`(case when ${asks} = 0 then 1 else ${asks} end)`;
  };
  const first = sql`(case when need.known_for is null and ${least("need")} <= need.most then 1 else 0 end)`;
  const granted = sql`(case when (excluded.known_for is null
      or limit_usage.surveyed_at >= excluded.updated_at - excluded.known_for)
    and limit_usage.used + ${least("excluded")} <= excluded.most then 1 else 0 end)`;
  const { rows } = await sql<ReservedRow>`
    insert into limit_usage (organisation, name, period, used, pending, changes, asked, most, known_for, granted,
      surveyed_at, updated_at)
    select organisation, name, period, ${first} * asked, ${first} * asked, ${first}, asked, most, known_for, ${first},
      cast(null as bigint), at from (${asked}) as need ${unsynced(access)}
    where true
    on conflict (organisation, name, period) do update set
      used = limit_usage.used + ${granted} * excluded.asked, pending = limit_usage.pending + ${granted} * excluded.asked,
      changes = limit_usage.changes + ${granted}, asked = excluded.asked, most = excluded.most,
      known_for = excluded.known_for, granted = ${granted},
      updated_at = case when ${granted} = 1 then excluded.updated_at else limit_usage.updated_at end
    returning name, period, used, granted,
      case when known_for is null or surveyed_at >= ${present} - known_for then 1 else 0 end as known`.execute(tables);
  return rows;
};

export const settleUsage = async (access: CountersAccess, settlements: readonly Settlement[]): Promise<void> => {
  const { sql, tables } = access;
  const settled = sql.join(
    inOrder(settlements, countedKey).map(
      (one) => sql`select ${namesOf(access, one)}, cast(${one.actual - one.reserved} as bigint) as asked,
        cast(${one.reserved} as bigint) as most, ${presentOf(access)} as at`,
    ),
    sql` union all `,
  );
  const notNegative = (value: Fragment): Fragment => sql`(case when ${value} < 0 then 0 else ${value} end)`;
  await sql`
    insert into limit_usage (organisation, name, period, used, pending, changes, asked, most, known_for, granted,
      surveyed_at, updated_at)
    select organisation, name, period, ${notNegative(sql`asked`)}, 0, 1, asked, most, cast(null as bigint), 1,
      cast(null as bigint), at from (${settled}) as settled ${unsynced(access)}
    where true
    on conflict (organisation, name, period) do update set
      used = ${notNegative(sql`limit_usage.used + excluded.asked`)},
      pending = ${notNegative(sql`limit_usage.pending - excluded.most`)},
      changes = limit_usage.changes + 1, updated_at = excluded.updated_at`.execute(tables);
};

export const readStanding = async (
  { sql, tables }: CountersAccess,
  { organisation, name, period }: Counted,
): Promise<Standing | null> => {
  const { rows } = await sql<Standing>`select used, pending, changes from limit_usage
    where organisation = ${organisation} and name = ${name} and period = ${period}`.execute(tables);
  return rows[0] ?? null;
};

/** A call that has not ended for so long died with its server. */
const deadAfterMs = 15 * 60_000;

export const writeSurvey = async (
  access: CountersAccess,
  counted: Counted,
  found: number,
  seen: Standing | null,
  force: boolean,
): Promise<boolean> => {
  const { sql, tables } = access;
  const forced = sql`cast(${force ? 1 : 0} as bigint)`;
  const { rows } = await sql<object>`
    insert into limit_usage (organisation, name, period, used, pending, changes, asked, most, known_for, granted,
      surveyed_at, updated_at)
    select organisation, name, period, found, 0, 1, 0, 0, cast(null as bigint), 0, at, at
    from (select ${namesOf(access, counted)}, cast(${found} as bigint) as found, ${presentOf(access)} as at) as look
    where true
    on conflict (organisation, name, period) do update set
      used = excluded.used + ${forced} * limit_usage.pending, pending = ${forced} * limit_usage.pending,
      changes = limit_usage.changes + 1, surveyed_at = excluded.surveyed_at
    where ${forced} = 1 or (limit_usage.changes = cast(${seen?.changes ?? 0} as bigint)
      and (limit_usage.pending = 0 or limit_usage.updated_at <= excluded.updated_at - ${sql.lit(deadAfterMs)}))
    returning name`.execute(tables);
  return rows.length > 0;
};

export const readUsage = async (
  { sql, tables }: CountersAccess,
  organisation: string,
  period: string,
): Promise<Readonly<Record<string, number>>> => {
  const { rows } = await sql<{ readonly name: string; readonly used: number }>`select name, used from limit_usage
    where organisation = ${organisation} and (period = ${period} or (period = '' and surveyed_at is not null))
    `.execute(tables);
  return Object.fromEntries(rows.map(({ name, used }) => [name, used]));
};

const unusedMs = 2 * 3_600_000;

export const pruneCounters = async (access: CountersAccess, before: string): Promise<number> => {
  const { sql, tables } = access;
  const rates = await sql<object>`delete from limit_rates where at < ${presentOf(access)} - ${sql.lit(unusedMs)}
    returning key`.execute(tables);
  const months = await sql<object>`delete from limit_usage where period <> '' and period < ${before}
    returning name`.execute(tables);
  return rates.rows.length + months.rows.length;
};
