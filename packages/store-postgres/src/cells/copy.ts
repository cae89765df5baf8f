/**
 * Copies a space from one database to another in rounds. The first compares every range of every table by its hash and
 * copies the ranges that differ, so that it goes on where an earlier one was broken off. The later ones copy what was
 * written since: a range is as it was when it has as many rows and none of them was written by a transaction that the
 * round before did not see (`xmin`), which is quickly found out. Not every write is in the log (vectors that come late,
 * the state of extractions), but every write makes a row.
 *
 * A round reads one snapshot of the source, parents before their children, so that foreign keys hold. What it writes is
 * hashed in the target and must be what it read.
 */
import { CairnError } from "@cairn/kernel/error";
import { type Connection } from "../connection/pool.ts";
import { sqlStateOf } from "../connection/postgres-error.ts";
import type { Catalog, Table } from "./catalog.ts";
import { rawQuery } from "./cell.ts";
import { fences } from "./fence.ts";
import { checkHold, type Hold } from "./hold.ts";
import {
  type Digest,
  digestPortion,
  freshRows,
  type Interval,
  putRows,
  removeOthers,
  removeRivals,
  rowsOf,
} from "./portions.ts";

export interface Copying {
  /** Whose rows are copied; it is only read. */
  readonly source: Hold;
  /** Where the space arrives. */
  readonly target: Hold;
  readonly catalog: Catalog;
  readonly signal: AbortSignal;
  /** After each portion: of which table, and how many of the round's rows have been looked at. */
  readonly told: (table: string, rows: number) => void;
}

/** A range with what both sides' rows hash to. */
interface Range extends Interval, Digest {}

/** What a round left: the state of the source that the target has. */
export interface Round {
  /** Transactions from this one on were not seen. */
  readonly xmin: string;
  readonly ranges: ReadonlyMap<string, readonly Range[]>;
  readonly rows: number;
  /** Rows of ranges that were copied. */
  readonly copied: number;
}

const mostRows = 1_000;
const mostBytes = 8_000_000;
const passes = 5;

const isEqual = (one: Digest, other: Digest): boolean => one.count === other.count && one.hash === other.hash;
const isUniqueViolation = (error: unknown): boolean =>
  error instanceof Error && (sqlStateOf(error) === "23505" || sqlStateOf(error.cause) === "23505");
const unequal = (table: string): CairnError =>
  new CairnError("internal", `Rows of the table ${table} did not arrive as they were sent.`);

/** Writes a range; true when rows elsewhere stood in the way and were removed. */
const putRange = async ({ target }: Copying, table: Table, interval: Interval, text: string): Promise<boolean> => {
  const { cell, space } = target;
  const rows = Buffer.from(text);
  const inTransaction = (work: (connection: Connection) => Promise<unknown>): Promise<void> =>
    cell.pool.transaction({ space }, async (connection) => {
      await checkHold(connection, target, fences.arriving);
      await removeOthers(connection, table, space, interval, rows);
      await work(connection);
      await putRows(connection, table, rows);
    });
  try {
    await inTransaction(() => Promise.resolve());
    return false;
  } catch (error) {
    if (!isUniqueViolation(error)) throw error;
  }
  let hadRivals = false;
  await inTransaction(async (connection) => {
    hadRivals = await removeRivals(connection, table, space, rows);
  });
  return hadRivals;
};

interface Walked {
  readonly ranges: readonly Range[];
  readonly copied: number;
  readonly hadRivals: boolean;
}

/** Makes the rows of an interval in the target those of the source, a portion at a time. */
const walk = async (copying: Copying, reading: Connection, table: Table, whole: Interval): Promise<Walked> => {
  const { source, target, signal, told } = copying;
  const ranges: Range[] = [];
  let [copied, seen, hadRivals] = [0, 0, false];
  let { after } = whole;
  const digestTarget = (interval: Interval): Promise<Digest> =>
    target.cell.pool.transaction({ space: target.space, readOnly: true }, (connection) =>
      digestPortion(connection, table, target.space, interval, null),
    );
  for (;;) {
    signal.throwIfAborted();
    const rest = { after, upTo: whole.upTo };
    let most = mostRows;
    let portion = await digestPortion(reading, table, source.space, rest, most);
    if (portion.bytes > mostBytes && portion.count > 1) {
      most = Math.max(1, Math.floor((portion.count * mostBytes) / portion.bytes));
      portion = await digestPortion(reading, table, source.space, rest, most);
    }
    const isLast = portion.count < most;
    const interval = { after, upTo: isLast ? whole.upTo : portion.last };
    if (!isEqual(portion, await digestTarget(interval))) {
      const rows = await rowsOf(reading, table, source.space, interval);
      if (await putRange(copying, table, interval, rows)) hadRivals = true;
      if (!isEqual(portion, await digestTarget(interval))) throw unequal(table.name);
      copied += portion.count;
    }
    ranges.push({ ...interval, count: portion.count, hash: portion.hash });
    told(table.name, (seen += portion.count));
    if (isLast) return { ranges, copied, hadRivals };
    after = portion.last;
  }
};

const everything: Interval = { after: null, upTo: null };

/** As `walk` of the whole table, until nothing stands in the way of anything any more. */
const walkAll = async (copying: Copying, reading: Connection, table: Table): Promise<Walked> => {
  let hadRivals = false;
  let copied = 0;
  for (let pass = 0; pass < passes; pass++) {
    const walked = await walk(copying, reading, table, everything);
    copied += walked.copied;
    if (!walked.hadRivals) return { ...walked, copied, hadRivals };
    hadRivals = true;
  }
  throw unequal(table.name);
};

/** Only the ranges that were written to since. */
const walkFresh = async (
  copying: Copying,
  reading: Connection,
  table: Table,
  before: readonly Range[],
  age: number,
): Promise<Walked> => {
  const { space } = copying.source;
  const found = await Promise.all(before.map((range) => freshRows(reading, table, space, range, age)));
  const ranges: Range[] = [];
  let copied = 0;
  for (const [at, range] of before.entries()) {
    copying.signal.throwIfAborted();
    const { count, fresh } = found[at]!;
    if (fresh === 0 && count === range.count) {
      ranges.push(range);
      continue;
    }
    const walked = await walk(copying, reading, table, range);
    if (walked.hadRivals) {
      const all = await walkAll(copying, reading, table);
      return { ...all, copied: all.copied + copied, hadRivals: true };
    }
    ranges.push(...walked.ranges);
    copied += walked.copied;
  }
  return { ranges, copied, hadRivals: false };
};

/** The space's own row, without what is the database's. */
const copyState = async ({ source, target, catalog }: Copying, reading: Connection): Promise<void> => {
  const list = catalog.state.join(", ");
  const text = async (connection: Connection, space: string): Promise<string> => {
    const sql = `SELECT row_to_json(r)::bpchar AS state FROM (SELECT ${list} FROM space_state WHERE space = $1::uuid) r`;
    const [row] = await rawQuery<{ state: string }>(connection, sql, [space]);
    return row?.state ?? "";
  };
  const state = await text(reading, source.space);
  const { cell, space } = target;
  await cell.pool.transaction({ space }, async (connection) => {
    await checkHold(connection, target, fences.arriving);
    if ((await text(connection, space)) === state) return;
    await rawQuery(
      connection,
      `UPDATE space_state s SET (${list}) = ROW(${catalog.state.map((name) => `r.${name}`).join(", ")})
       FROM json_populate_record(NULL::space_state, convert_from($2::bytea, 'UTF8')::json) r WHERE s.space = $1::uuid`,
      [space, Buffer.from(state)],
    );
    if ((await text(connection, space)) !== state) throw unequal("space_state");
  });
};

/** xid8 without its epoch, as `xmin` is. */
const shortOf = (xid: string): string => String(BigInt(xid) & 0xff_ff_ff_ffn);

/** One round; the whole space where there was none before. */
export const copyRound = (copying: Copying, before: Round | null): Promise<Round> => {
  const { source, catalog } = copying;
  const { cell, space } = source;
  return cell.pool.transaction({ space, readOnly: true, snapshot: true }, async (reading) => {
    const [snapshot] = await reading.query<{ xmin: string }>(
      "SELECT pg_snapshot_xmin(pg_current_snapshot())::text AS xmin",
    );
    const [aged] = await reading.query<{ age: number }>("SELECT age($1::text::xid) AS age", [
      shortOf(before?.xmin ?? "3"),
    ]);
    const ranges = new Map<string, readonly Range[]>();
    const disturbed = new Set<string>();
    let copied = 0;
    for (const table of catalog.tables) {
      const known = before?.ranges.get(table.name);
      // Where a row was removed for another's sake, what referred to it went along.
      const isDisturbed = [...table.parents].some((parent) => disturbed.has(parent));
      const walked =
        known === undefined || isDisturbed
          ? await walkAll(copying, reading, table)
          : await walkFresh(copying, reading, table, known, aged!.age);
      if (walked.hadRivals) disturbed.add(table.name);
      ranges.set(table.name, walked.ranges);
      copied += walked.copied;
    }
    await copyState(copying, reading);
    const rows = [...ranges.values()].flat().reduce((sum, { count }) => sum + count, 0);
    return { xmin: snapshot!.xmin, ranges, rows, copied };
  });
};

/** Compares counts and hashes of what the target holds with those of what was sent, all of it. Throws internal. */
export const verifyRows = async ({ target, catalog, signal, told }: Copying, round: Round): Promise<void> => {
  const { cell, space } = target;
  for (const table of catalog.tables) {
    let seen = 0;
    for (const range of round.ranges.get(table.name) ?? []) {
      signal.throwIfAborted();
      const found = await cell.pool.transaction({ space, readOnly: true }, (connection) =>
        digestPortion(connection, table, space, range, null),
      );
      if (!isEqual(found, range)) throw unequal(table.name);
      told(table.name, (seen += found.count));
    }
  }
};
