/**
 * What a mover does to the fences of a space. It first takes the space up in both databases: it leaves there a mark of
 * its own and the epoch of the directory's record that it acts on. A mover with an older record is refused, and one
 * whose mark was replaced by another's finds that out at its next step, before it has changed anything.
 */
import { CairnError } from "@cairn/kernel/error";
import { newId } from "@cairn/kernel/id";
import { analyzerVersion } from "@cairn/memory/text/analyzer";
import type { Connection } from "../connection/pool.ts";
import { type Cell, cellLabel } from "./cell.ts";
import { fences, nowMs, readersLock } from "./fence.ts";

export interface Hold {
  readonly cell: Cell;
  readonly space: string;
  /** A uuid of this mover's own. */
  readonly mover: string;
}

const overtaken = (): CairnError =>
  new CairnError("storage.busy", "Another process moves this space.", {
    hint: "See how far it is with `cairn admin space where`; when it has ended, run the same command again.",
  });

/** As a side of a move: what the fence is where there was no row yet, and which ones may be met. */
const sides = {
  /** Serves the space. */
  source: { made: fences.open, met: [fences.open, fences.paused] },
  target: { made: fences.arriving, met: [fences.arriving, fences.gone] },
  /** After the switch. */
  left: { made: fences.gone, met: [fences.open, fences.paused, fences.gone] },
  reached: { made: fences.arriving, met: [fences.open, fences.paused, fences.arriving] },
} as const;
export type Side = keyof typeof sides;

/**
 * Throws storage.busy where a later step of the move was taken already, config.invalid where the fence says that the
 * database is not what the directory takes it for.
 */
export const takeUp = ({ cell, space, mover }: Hold, side: Side, epoch: number): Promise<void> =>
  cell.pool.transaction({ space }, async (connection) => {
    const { made, met } = sides[side];
    await connection.change(
      `INSERT INTO space_state (space, replica, analyzer, fence) VALUES ($1, $2, $3, $4) ON CONFLICT (space) DO NOTHING`,
      [space, newId(), String(analyzerVersion), made],
    );
    const [row] = await connection.query<{ fence: number; move_epoch: number }>(
      "SELECT s.fence, s.move_epoch FROM space_state s WHERE s.space = $1 FOR UPDATE",
      [space],
    );
    if (row === undefined || row.move_epoch > epoch) throw overtaken();
    if (!met.some((fence) => fence === row.fence)) {
      throw new CairnError("config.invalid", `The space is not in ${cellLabel(cell.name)} as the directory says.`, {
        hint: "Do two cells have the same address? If so, give each its own database.",
      });
    }
    await connection.change(
      `UPDATE space_state SET mover = $2, move_epoch = $3, fence = CASE WHEN $4 THEN ${fences.arriving} ELSE fence END
       WHERE space = $1`,
      [space, mover, epoch, side === "target"],
    );
  });

/** Changes the row where the mark is still this mover's; false where `condition` does not hold. */
const change = ({ cell, space, mover }: Hold, set: string, condition = "true"): Promise<boolean> =>
  cell.pool.transaction({ space }, async (connection) => {
    const [row] = await connection.query<{ ours: boolean }>(
      "SELECT s.mover IS NOT DISTINCT FROM $2::uuid AS ours FROM space_state s WHERE s.space = $1 FOR UPDATE",
      [space, mover],
    );
    if (row?.ours !== true) throw overtaken();
    return (await connection.change(`UPDATE space_state SET ${set} WHERE space = $1 AND ${condition}`, [space])) > 0;
  });

/**
 * Writers are turned away for at most `ms`; those that are writing end first. From now on no mover with a record before
 * `epoch`, which is the directory's of the pause, can take the space up and let them write.
 */
export const pauseWrites = (hold: Hold, epoch: number, ms: number): Promise<boolean> =>
  change(
    hold,
    `fence = ${fences.paused}, fence_until = ${nowMs} + ${Math.ceil(ms)}, move_epoch = ${Math.trunc(epoch)}`,
  );

/** The pause lasts until the mover ends it; false when its time was over and somebody has written. */
export const sealPause = (hold: Hold): Promise<boolean> =>
  change(hold, "fence_until = NULL", `fence = ${fences.paused}`);

/** Writing goes on, if it does not already. */
export const openFence = (hold: Hold): Promise<boolean> =>
  change(hold, `fence = ${fences.open}, fence_until = NULL`, `fence <> ${fences.gone}`);

/** The space is not here any more: who writes or reads is told so. Returns when nobody reads here who was not told. */
export const leave = async (hold: Hold): Promise<void> => {
  await change(hold, `fence = ${fences.gone}, fence_until = NULL`);
  const { cell, space } = hold;
  await cell.pool.transaction({ space }, (connection) =>
    connection.query(`SELECT pg_advisory_xact_lock(${readersLock})`, [space]),
  );
};

/** The move is over: nobody's mark is left, and whoever acts on a record before `epoch` is refused. */
export const letGo = (hold: Hold, epoch: number): Promise<boolean> =>
  change(hold, `mover = NULL, move_epoch = ${Math.trunc(epoch)}`);

/** Begins a transaction in which rows are written or removed. Throws storage.busy when they are not this mover's. */
export const checkHold = async (connection: Connection, { space, mover }: Hold, fence: number): Promise<void> => {
  const [row] = await connection.query(
    "SELECT 1 AS one FROM space_state s WHERE s.space = $1 AND s.mover = $2 AND s.fence = $3 FOR UPDATE",
    [space, mover, fence],
  );
  if (row === undefined) throw overtaken();
};
