/** `cairn admin space where` and `cairn admin space move`. */
import type { SpaceRecord } from "@cairn/directory/space-directory";
import { CairnError } from "@cairn/kernel/error";
import { abandonMove, type MoveProgress, moveSpace } from "@cairn/server/cells/move-space";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import type { Host } from "../host.ts";
import { escapeLine } from "../output/escape-text.ts";
import { printJson } from "../output/json-document.ts";
import { makeProgress, silentProgress } from "../output/progress-bar.ts";
import { givenCell, type OpenedMover, shownCell } from "./with-mover.ts";

const placeOfSpace = ({ id, name, cell, epoch, move }: SpaceRecord) => ({
  id,
  name,
  cell: shownCell(cell),
  epoch,
  move: move === null ? null : { from: shownCell(move.from), to: shownCell(move.to), phase: move.phase },
});

const found = async ({ directory }: OpenedMover, space: string): Promise<SpaceRecord> => {
  const record = await directory.resolve(space);
  if (record === null) throw new CairnError("space.not_found", "There is no such space.", { hint: "cairn spaces" });
  return record;
};

const phases = {
  copying: "being copied; the old cell serves it",
  paused: "nobody writes while the last of it is copied",
  clearing: "served by the new cell; the old one's rows are being removed",
} as const;

export const showPlace = async (host: Host, mover: OpenedMover, space: string, json: boolean): Promise<ExitCode> => {
  const record = await found(mover, space);
  if (json) await printJson(host, placeOfSpace(record));
  else {
    const { name, cell, move } = record;
    const moving =
      move === null
        ? ""
        : `\nIt is moving from ${shownCell(move.from)} to ${shownCell(move.to)}: ${phases[move.phase]}.`;
    await host.out.write(`${escapeLine(name)} is in the cell ${shownCell(cell)}.${moving}\n`);
  }
  return exitCodes.ok;
};

const said: Readonly<Record<MoveProgress["doing"], string>> = {
  copy: "Copying",
  verify: "Comparing",
  pause: "Writers wait: copying the last of it",
  switch: "Switching",
  clear: "Removing what is left",
  done: "Done",
};

export interface MoveChoice {
  readonly space: string;
  /** Null: the move is taken back. */
  readonly to: string | null;
}

export const runMove = async (
  host: Host,
  mover: OpenedMover,
  { space, to }: MoveChoice,
  json: boolean,
): Promise<ExitCode> => {
  const { id, name } = await found(mover, space);
  const progress = json ? silentProgress : makeProgress(host);
  let doing: MoveProgress["doing"] | null = null;
  const told = (now: MoveProgress): void => {
    const reached = now.table === undefined ? "" : `: ${now.table}, ${now.rows ?? 0} rows`;
    void progress.update(0, null, `${said[now.doing]}${reached}`);
    if (json || host.err.isTTY || now.doing === doing) return;
    doing = now.doing;
    void host.err.write(`${said[now.doing]}\n`);
  };
  const options = { directory: mover.directory, cellOf: mover.cellOf, signal: host.signal, told };
  try {
    if (to === null) {
      const wasMoving = await abandonMove(options, id);
      await progress.finish();
      const line = wasMoving ? `${name} stays where it is; the copy is gone.` : `${name} is not being moved.`;
      if (json) await printJson(host, { ...placeOfSpace(await found(mover, id)), abandoned: wasMoving });
      else await host.out.write(`${escapeLine(line)}\n`);
      return exitCodes.ok;
    }
    const { rows, pausedMs } = await moveSpace(options, id, givenCell(to));
    await progress.finish();
    if (json) await printJson(host, { ...placeOfSpace(await found(mover, id)), rows, pausedMs });
    else {
      const paused = pausedMs === null ? "" : ` Writers waited ${(pausedMs / 1_000).toFixed(2)} s.`;
      await host.out.write(`${escapeLine(name)} is in the cell ${to}.${paused}\n`);
    }
    return exitCodes.ok;
  } finally {
    await progress.finish();
  }
};
