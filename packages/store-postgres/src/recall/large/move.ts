/**
 * Moving a space that has grown large to where the database can search it, and keeping it there: in steps that are each
 * committed, so that a server that goes on with a broken-off move finds how far it came. One server at a time moves a
 * space, which a lock of its session says.
 *
 * A space stays large when it shrinks, and is searched as well as before.
 */
import { holdFence } from "../../cells/fence.ts";
import type { PostgresPool } from "../../connection/pool.ts";
import { sqlStateOf } from "../../connection/postgres-error.ts";
import { type MigrationSession, withMigrationSession } from "../../migrations/migration-session.ts";
import { type SpaceState, stateOf } from "../../read/space-state.ts";
import { beginLarge, fillPortion } from "./fill.ts";
import { countLent } from "./lent.ts";
import { buildIndex, dropPartition, makePartition, mostIndexed, moveLock, nearestTable, settle } from "./partition.ts";

export interface MoveOptions {
  readonly pool: PostgresPool;
  /** Of an account that may act as the owner of the tables. */
  readonly ownerUrl: string;
  /** Spaces of so many texts are large. */
  readonly largeFrom: number;
}

interface Place {
  readonly filled: number;
  readonly upto: number;
  readonly generation: number | null;
}

const look = (pool: PostgresPool, space: string) =>
  pool.transaction({ space, readOnly: true }, async (connection) => {
    const [state, [place]] = await Promise.all([
      stateOf(connection, space),
      connection.query<Place>("SELECT filled, upto, generation FROM large_spaces WHERE space = $1", [space]),
    ]);
    return { state, place };
  });

/** What is left to do for a space; false where nothing is, or nothing can be. */
const isDue = ({ largeFrom }: MoveOptions, { state, place }: Awaited<ReturnType<typeof look>>): boolean => {
  const { own, texts, part, epoch } = state;
  if (own === null || own.model.dimensions > mostIndexed) return false;
  if (part === 0) return texts >= largeFrom;
  return place === undefined || place.filled < place.upto || place.generation !== epoch;
};

/** Vectors of other models than the space's, some at a time. */
const dropOldVectors = async (pool: PostgresPool, space: string): Promise<void> => {
  const sql = `DELETE FROM ${nearestTable(space)} WHERE space = $1 AND ctid = ANY (ARRAY(
    SELECT v.ctid FROM ${nearestTable(space)} v CROSS JOIN space_state s
    WHERE v.space = $1 AND s.space = $1 AND v.generation <> s.generation AND v.generation <> coalesce(s.next_generation, 0)
    LIMIT 5000))`;
  while ((await pool.transaction({ space }, (connection) => connection.change(sql, [space]))) > 0);
};

/** The index of the vectors that questions are compared with now; they may be others when it is there. */
const indexVectors = async ({ pool }: MoveOptions, session: MigrationSession, space: string): Promise<SpaceState> => {
  for (;;) {
    const { state } = await look(pool, space);
    const { own, epoch, lastDoc } = state;
    if (own === null) return state;
    await buildIndex(session, space, { generation: epoch, dimensions: own.model.dimensions, rows: lastDoc });
    const set = await pool.transaction({ space }, (connection) =>
      connection.change(
        `UPDATE large_spaces SET generation = $2
         WHERE space = $1 AND EXISTS (SELECT FROM space_state s WHERE s.space = $1 AND s.generation = $2)`,
        [space, epoch],
      ),
    );
    const { state: now } = await look(pool, space);
    if (set > 0 || now.own === null || now.epoch === epoch) return now;
  }
};

/** True when the space is, or has been made, one that the database can search. */
export const moveSpace = async (options: MoveOptions, space: string, stopped: () => boolean): Promise<boolean> => {
  const { pool, ownerUrl } = options;
  const before = await look(pool, space);
  if (!isDue(options, before)) return before.state.part > 0;
  return withMigrationSession(ownerUrl, async (session) => {
    const lock = moveLock(space);
    const [got] = await session.query<{ locked: boolean }>("SELECT pg_try_advisory_lock($1, $2) AS locked", lock);
    if (got?.locked !== true) return false;
    const { state, place } = await look(pool, space);
    if (state.part === 0 && place !== undefined) await leaveLarge(options, space, false);
    if (state.part === 0) await beginLarge(pool, space, await makePartition(session, space));
    while (!stopped() && (await fillPortion(pool, space)));
    if (stopped()) return false;
    await countLent(pool, space);
    await indexVectors(options, session, space);
    await dropOldVectors(pool, space);
    await settle(session, space);
    return true;
  });
};

const ofSpace = ["postings", "term_counts", "entered", "large_counts"] as const;

/** A move that was broken off at its beginning has made no partition. */
const ignoreMissing = (error: unknown): void => {
  if (!(error instanceof Error) || sqlStateOf(error.cause ?? error) !== "42P01") throw error;
};

const removeRows = async (pool: PostgresPool, space: string, table: string): Promise<void> => {
  const sql = `DELETE FROM ${table} WHERE space = $1 AND ctid = ANY (ARRAY(SELECT ctid FROM ${table} WHERE space = $1 LIMIT 20000))`;
  while ((await pool.transaction({ space }, (connection) => connection.change(sql, [space]))) > 0);
};

/**
 * Removes all that `moveSpace` made, which may be broken off and called again. forGood: the space itself goes next, and
 * nobody shall move it again meanwhile.
 */
export const leaveLarge = async (
  { pool, ownerUrl }: { readonly pool: PostgresPool; readonly ownerUrl: string | null },
  space: string,
  forGood: boolean,
): Promise<void> => {
  const { state, place } = await look(pool, space);
  if (state.part === 0 && place === undefined) return;
  await pool.transaction({ space }, async (connection) => {
    await holdFence(connection, space);
    await connection.change(
      "UPDATE space_state SET part = 0, texts = CASE WHEN $2 THEN 0 ELSE texts END WHERE space = $1",
      [space, forGood],
    );
  });
  for (const table of ofSpace) await removeRows(pool, space, table);
  const dropped =
    ownerUrl !== null &&
    (await withMigrationSession(ownerUrl, (session) => dropPartition(session, space)).then(
      () => true,
      () => false,
    ));
  // Where the owner cannot be had an empty partition stays.
  if (!dropped) await removeRows(pool, space, nearestTable(space)).catch(ignoreMissing);
  await removeRows(pool, space, "large_spaces");
};
