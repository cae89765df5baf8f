/**
 * Where a space is served: its cell (a PostgreSQL database among several, ENG-8) and the state of a move to another.
 *
 * A move goes through three phases. `copying`: the old cell serves the space, its rows and then its log are copied.
 * `paused`: the old cell still answers questions, and nobody writes, so that the copy can catch up and be compared.
 * Then `switch` makes the new cell the space's own in one change of the directory, and `clearing` lasts until the old
 * cell's rows are gone. Before the switch a move can be abandoned (the mover empties the new cell first), after it
 * only finished. Each step is a compare-and-set on `epoch`, so of two movers that both try one goes on, and a mover
 * that was killed finds in the record where it was.
 *
 * `epoch` rises with every step. A server may hold a record that is a little old; the mover therefore writes the epoch
 * of `paused` and of `switch` into the cells as well, and a server whose record has a lower one than the cell asks the
 * directory again instead of writing.
 */
import type { Millis } from "@cairn/kernel/clock";
import { CairnError } from "@cairn/kernel/error";

export const movePhases = ["copying", "paused", "clearing"] as const;
export type MovePhase = (typeof movePhases)[number];

export interface SpaceMove {
  readonly from: string | null;
  readonly to: string | null;
  readonly phase: MovePhase;
  readonly startedAt: Millis;
}

export interface Placement {
  /** The cell that serves the space; null: the default one. */
  readonly cell: string | null;
  /** A move under way. */
  readonly move: SpaceMove | null;
}

/**
 * `start`: copy to the cell `to`. `pause`: no more writes. `resume`: writes go on, the copy must catch up again.
 * `switch`: the new cell serves. `abandon`: all stays as it was. `finish`: the old cell is empty.
 */
export type MoveStep =
  | { readonly kind: "start"; readonly to: string | null }
  | { readonly kind: "pause" | "resume" | "switch" | "abandon" | "finish" };

const cellName = /^[a-z0-9][a-z0-9_-]{0,62}$/u;

/** The cell's name as it is. Throws request.invalid. */
export const cellOf = (name: string | null): string | null => {
  if (name === null || cellName.test(name)) return name;
  throw new CairnError("request.invalid", "The name of a cell is 1 to 63 of a-z, 0-9, - and _.", {
    hint: "A cell is called as in the server's settings; the default cell has no name.",
  });
};

const noMove = (): CairnError => new CairnError("request.invalid", "The space is not being moved.");

const refuse = (phase: MovePhase, step: MoveStep): CairnError =>
  new CairnError("request.invalid", `A move that is ${phase} has no step "${step.kind}".`);

const started = (before: Placement, to: string | null, now: Millis): Placement => {
  if (before.move !== null) throw new CairnError("request.invalid", "The space is being moved already.");
  if (before.cell === cellOf(to)) throw new CairnError("request.invalid", "The space is in that cell already.");
  return { cell: before.cell, move: { from: before.cell, to, phase: "copying", startedAt: now } };
};

/** What a step makes of a placement. Throws request.invalid where the step does not follow. */
export const afterStep = (before: Placement, step: MoveStep, now: Millis): Placement => {
  if (step.kind === "start") return started(before, step.to, now);
  const { move } = before;
  if (move === null) throw noMove();
  const to = (phase: MovePhase): Placement => ({ cell: before.cell, move: { ...move, phase } });
  switch (step.kind) {
    case "pause":
      if (move.phase === "copying") return to("paused");
      break;
    case "resume":
      if (move.phase === "paused") return to("copying");
      break;
    case "switch":
      if (move.phase === "paused") return { cell: move.to, move: { ...move, phase: "clearing" } };
      break;
    case "abandon":
      if (move.phase !== "clearing") return { cell: before.cell, move: null };
      break;
    case "finish":
      if (move.phase === "clearing") return { cell: before.cell, move: null };
      break;
  }
  throw refuse(move.phase, step);
};
