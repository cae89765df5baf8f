/**
 * The fence of a space in one database (a cell, ENG-8): whether this is where the space is served. It lies in the row
 * of `space_state` that every writer locks, so that a server which has not heard of a move cannot write where the space
 * is not any more: there it finds `space.moved`, and asks the directory again.
 *
 * A pause ends by itself when its time is over, so that a mover which dies stops nobody for long. The first writer who
 * finds it over takes it away, and by that the mover knows, whatever the clocks say, that somebody has written.
 */
import { CairnError } from "@cairn/kernel/error";
import type { Connection } from "../connection/pool.ts";

export const fences = { open: 0, paused: 1, arriving: 2, gone: 3 } as const;

/** The database's time as milliseconds since 1970. */
export const nowMs = "(extract(epoch FROM clock_timestamp()) * 1000)::bigint";

/** Of `space_state` as `s`: for statements that lock the row. */
export const fenceList = `s.fence, s.fence = ${fences.paused} AND s.fence_until <= ${nowMs} AS fence_over`;

export interface FenceRow {
  readonly fence: number;
  readonly fence_over: boolean | null;
}

const moved = (): CairnError =>
  new CairnError("space.moved", "The space is being moved to another database; try again in a moment.", {
    retryAfterMs: 500,
  });

/** Of a row that the transaction has locked. Throws space.moved. */
export const passFence = async (connection: Connection, space: string, row: FenceRow): Promise<void> => {
  if (row.fence === fences.open) return;
  if (row.fence_over !== true) throw moved();
  await connection.change("UPDATE space_state SET fence = 0, fence_until = NULL WHERE space = $1", [space]);
};

/** For changes that need no state: locks the space's row where there is one. Throws space.moved. */
export const holdFence = async (connection: Connection, space: string): Promise<void> => {
  const sql = `SELECT ${fenceList} FROM space_state s WHERE s.space = $1 FOR UPDATE`;
  const [row] = await connection.query<FenceRow>(sql, [space]);
  if (row !== undefined) await passFence(connection, space, row);
};

/** The advisory lock that readers of a space share; the mover waits for it before it removes what they may read. */
export const readersLock = "hashtextextended($1, 8226)";

/**
 * Reads that are told when the space has gone elsewhere: they would find less and less of it. Costs no round trip.
 * Throws space.moved.
 */
export const readFenced = async <T>(connection: Connection, space: string, read: () => Promise<T>): Promise<T> => {
  // In two statements, because the second must see what was committed while the first waited.
  const locked = connection.query(`SELECT pg_advisory_xact_lock_shared(${readersLock})`, [space]);
  const gone = connection.query(`SELECT 1 AS one FROM space_state WHERE space = $1 AND fence = ${fences.gone}`, [
    space,
  ]);
  const [answer, rows] = await Promise.allSettled([read(), gone, locked]);
  if (rows.status === "rejected") throw rows.reason;
  if (rows.value.length > 0) throw moved();
  if (answer.status === "rejected") throw answer.reason;
  return answer.value;
};
