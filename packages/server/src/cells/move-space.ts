/**
 * Moves a space from one cell to another while it is used (ENG-8). What has been done is in the directory's record and
 * in the fences of both cells, so this may end anywhere, be begun again by any process, and be begun by two: of those
 * one goes on.
 *
 * Copying: the old cell serves; rounds copy what was written since the round before, and all of it is compared. Paused:
 * writers wait while the last of it is copied and compared; the pause ends by itself if the mover dies. Then the pause is sealed, the directory names
 * the new cell, the old one turns away whoever has not heard of it, and only then does the new one take writes: nobody
 * reads in the old cell what was overwritten in the new. Clearing: the old cell's rows are removed.
 */
import type { MoveStep } from "@cairn/directory/placement";
import type { SpaceDirectory, SpaceRecord } from "@cairn/directory/space-directory";
import { CairnError } from "@cairn/kernel/error";
import { readCatalog } from "@cairn/store-postgres/cells/catalog";
import { type Cell, cellLabel, type CellName, checkPair } from "@cairn/store-postgres/cells/cell";
import { clearSpace } from "@cairn/store-postgres/cells/clear";
import { type Copying, copyRound, type Round, verifyRows } from "@cairn/store-postgres/cells/copy";
import { type Hold, leave, letGo, openFence, pauseWrites, sealPause, takeUp } from "@cairn/store-postgres/cells/hold";
import { randomUUID } from "node:crypto";

/** What is being done: `copy`, `verify`, `pause`, `switch`, `clear`, `done`. */
export interface MoveProgress {
  readonly doing: "copy" | "verify" | "pause" | "switch" | "clear" | "done";
  /** The table that was reached. */
  readonly table?: string;
  /** Rows of it that have been looked at. */
  readonly rows?: number;
}

export interface MoverOptions {
  readonly directory: SpaceDirectory;
  /** By name; throws config.invalid for one that the settings do not name. */
  readonly cellOf: (name: CellName) => Cell;
  readonly signal?: AbortSignal;
  readonly told?: (progress: MoveProgress) => void;
  /** How long writers are turned away at most when the mover dies in the pause; absent: as the space's size asks for. */
  readonly pauseMs?: number;
}

export interface Moved {
  /** Rows that the space has in its new cell; null where an earlier mover had switched already. */
  readonly rows: number | null;
  /** How long nobody wrote, milliseconds. */
  readonly pausedMs: number | null;
}

const invalid = (message: string, hint?: string): CairnError =>
  new CairnError("request.invalid", message, hint === undefined ? {} : { hint });

/** After this many rounds the space is paused however much is written to it. */
const mostRounds = 8;
/** A round that copied no more than this, some ranges of each table, is followed by the pause. */
const fewRows = 10_000;
const mostPauses = 3;
/** The least that a pause may take; a large space gets some times what the round before it took. */
const leastPauseMs = 5_000;
const pauseRounds = 4;

const resolved = async (directory: SpaceDirectory, space: string): Promise<SpaceRecord> => {
  const record = await directory.resolve(space);
  if (record === null) throw new CairnError("space.not_found", "There is no such space.");
  return record;
};

/** The record after the step, or null where another process took one first. */
const step = (directory: SpaceDirectory, record: SpaceRecord, next: MoveStep): Promise<SpaceRecord | null> =>
  directory.advanceMove(record, next);

interface Sides {
  readonly source: Hold;
  readonly target: Hold;
}

const sidesOf = ({ cellOf }: MoverOptions, { id, move }: SpaceRecord, mover: string): Sides => {
  if (move === null) throw new CairnError("internal", "The space is not being moved.");
  return {
    source: { cell: cellOf(move.from), space: id, mover },
    target: { cell: cellOf(move.to), space: id, mover },
  };
};

const takeUpCopy = async ({ source, target }: Sides, epoch: number): Promise<void> => {
  await takeUp(source, "source", epoch);
  await takeUp(target, "target", epoch);
};

/**
 * Copies until little is written between two rounds, and compares all of it. Nobody else writes in the new cell, so of
 * what is equal here the rounds after this one need to compare only what they copy.
 */
const copyMost = async (copying: Copying, told: (progress: MoveProgress) => void): Promise<Round> => {
  let round = await copyRound(copying, null);
  for (let rounds = 1; rounds < mostRounds; rounds++) {
    round = await copyRound(copying, round);
    if (round.copied <= fewRows) break;
  }
  await verifyRows({ ...copying, told: (table, rows) => told({ doing: "verify", table, rows }) }, round);
  return round;
};

interface Timed {
  readonly round: Round;
  readonly tookMs: number;
}

const timedRound = async (copying: Copying, before: Round): Promise<Timed> => {
  const from = performance.now();
  const round = await copyRound(copying, before);
  return { round, tookMs: performance.now() - from };
};

interface Switched {
  readonly record: SpaceRecord;
  readonly round: Round;
  readonly pausedMs: number;
}

/** One attempt to copy the rest while nobody writes, and to switch; null where it took too long or another did it. */
const pauseAndSwitch = async (
  { directory, pauseMs, told = () => undefined }: MoverOptions,
  copying: Copying,
  before: SpaceRecord,
  { round, tookMs }: Timed,
): Promise<Switched | { readonly record: SpaceRecord | null; readonly round: Round }> => {
  const { source } = copying;
  const paused = await step(directory, before, { kind: "pause" });
  if (paused === null) return { record: null, round };
  told({ doing: "pause" });
  const from = performance.now();
  let last = round;
  let record: SpaceRecord | null;
  try {
    await pauseWrites(source, paused.epoch, pauseMs ?? Math.max(leastPauseMs, pauseRounds * tookMs));
    last = await copyRound(copying, round);
    if (!(await sealPause(source))) return { record: await step(directory, paused, { kind: "resume" }), round: last };
    told({ doing: "switch" });
    record = await step(directory, paused, { kind: "switch" });
  } catch (error) {
    // Unless the switch was made after all, in which case there is no such step. What fails here the next mover does.
    const resumed = await step(directory, paused, { kind: "resume" }).catch(() => null);
    if (resumed !== null) await openFence(source).catch(() => undefined);
    throw error;
  }
  if (record === null) return { record, round: last };
  await leave(source);
  await openFence(copying.target);
  return { record, round: last, pausedMs: performance.now() - from };
};

/** From `copying` to `clearing`; null where another process went on with it. */
const copyAndSwitch = async (options: MoverOptions, record: SpaceRecord): Promise<Switched | null> => {
  const { signal = new AbortController().signal, told = () => undefined } = options;
  const { source, target } = sidesOf(options, record, randomUUID());
  await checkPair(source.cell, target.cell);
  await takeUpCopy({ source, target }, record.epoch);
  // A pause that a mover has left behind.
  await openFence(source);
  const catalog = await readCatalog(source.cell.pool);
  const tell = (table: string, rows: number): void => told({ doing: "copy", table, rows });
  const copying: Copying = { source, target, catalog, signal, told: tell };
  let current = record;
  let latest = await timedRound(copying, await copyMost(copying, told));
  for (let pause = 0; pause < mostPauses; pause++) {
    const outcome = await pauseAndSwitch(options, copying, current, latest);
    if ("pausedMs" in outcome) return outcome;
    if (outcome.record === null) return null;
    current = outcome.record;
    latest = await timedRound(copying, outcome.round);
  }
  throw new CairnError("storage.busy", "More was written to the space than could be copied while writers waited.", {
    hint: "Run the same command again when less is written; what was copied stays.",
  });
};

/** From `clearing` to the end; null where another process went on with it. */
const clear = async (options: MoverOptions, record: SpaceRecord): Promise<SpaceRecord | null> => {
  const { directory, told = () => undefined } = options;
  const { source, target } = sidesOf(options, record, randomUUID());
  await takeUp(source, "left", record.epoch);
  await takeUp(target, "reached", record.epoch);
  await leave(source);
  await openFence(target);
  told({ doing: "clear" });
  await clearSpace(source, await readCatalog(source.cell.pool));
  const done = await step(directory, record, { kind: "finish" });
  if (done === null) return null;
  await letGo(source, done.epoch);
  await letGo(target, done.epoch);
  return done;
};

/**
 * Moves the space, or goes on with the move that was begun; when it returns, the space is served by `to` and nothing of
 * it is left where it was. Throws space.not_found, request.invalid where it is being moved elsewhere, config.invalid,
 * storage.* (run it again), storage.busy where another process moves it.
 */
export const moveSpace = async (options: MoverOptions, space: string, to: CellName): Promise<Moved> => {
  const { directory, told = () => undefined, signal } = options;
  let moved: Moved = { rows: null, pausedMs: null };
  let record = await resolved(directory, space);
  for (;;) {
    signal?.throwIfAborted();
    const { move } = record;
    if (move === null && record.cell === to) {
      told({ doing: "done" });
      return moved;
    }
    if (move !== null && move.to !== to) {
      throw invalid(
        `The space is being moved to ${cellLabel(move.to)}.`,
        "Finish that move first, or take it back with --abandon.",
      );
    }
    let next: SpaceRecord | null;
    if (move === null) {
      // Before anything is noted: the new cell can be reached and takes spaces of this version.
      await checkPair(options.cellOf(record.cell), options.cellOf(to));
      next = await step(directory, record, { kind: "start", to });
    } else if (move.phase === "paused") {
      // First in the directory: then whoever paused it cannot switch any more.
      next = await step(directory, record, { kind: "resume" });
    } else if (move.phase === "copying") {
      const switched = await copyAndSwitch(options, record).catch((error: unknown) => {
        // What interrupts is no failure of the database.
        signal?.throwIfAborted();
        throw error;
      });
      if (switched !== null) moved = { rows: switched.round.rows, pausedMs: switched.pausedMs };
      next = switched?.record ?? null;
    } else next = await clear(options, record);
    record = next ?? (await resolved(directory, record.id));
  }
};

/**
 * Takes a move back: the space stays where it is, and what was copied is removed. False where none is under way. Throws
 * request.invalid after the switch.
 */
export const abandonMove = async (options: MoverOptions, space: string): Promise<boolean> => {
  const { directory, told = () => undefined } = options;
  for (;;) {
    const record = await resolved(directory, space);
    const { move } = record;
    if (move === null) return false;
    if (move.phase === "clearing") {
      throw invalid(
        `The space is in ${cellLabel(move.to)} already.`,
        "Run the command without --abandon: it removes what is left in the old cell. Then the space can move back.",
      );
    }
    if (move.phase === "paused") {
      await step(directory, record, { kind: "resume" });
      continue;
    }
    const { source, target } = sidesOf(options, record, randomUUID());
    await takeUpCopy({ source, target }, record.epoch);
    await openFence(source);
    await leave(target);
    told({ doing: "clear" });
    await clearSpace(target, await readCatalog(target.cell.pool));
    const done = await step(directory, record, { kind: "abandon" });
    if (done === null) continue;
    await letGo(source, done.epoch);
    await letGo(target, done.epoch);
    told({ doing: "done" });
    return true;
  }
};
