/** An engine and a space of its own for one history, and the clock that both engines of a comparison have. */
import type { Engine } from "@cairn/memory/space/engine";
import { alice, type OpenedEngine } from "../world.ts";
import { apply } from "./apply.ts";
import { errorFacts } from "./compare.ts";
import { actors, nobody, type Side } from "./side.ts";
import type { Step } from "./steps.ts";

export interface Time {
  now: number;
  /** When the steps so far began, oldest first. */
  moments: number[];
}

/** The engine of the moment: a history may close it and open another on the same data. */
export interface Kept {
  engine: Engine;
  readonly opened: OpenedEngine;
}
export const keep = (opened: OpenedEngine): Kept => ({ engine: opened.engine, opened });

export interface Seat {
  /** Does a step and returns the answer, or the facts of the error. */
  readonly answer: (step: Step) => Promise<unknown>;
}

const writesMemories: ReadonlySet<Step["do"]> = new Set(["remember", "correct", "extract"]);

/** The ids of the memories in an answer, in its order. */
const idsIn = (answer: unknown): readonly string[] => {
  if (typeof answer !== "object" || answer === null) return [];
  const { id, version } = answer as { readonly id?: unknown; readonly version?: unknown };
  if (typeof id === "string" && typeof version === "number") return [id];
  return Object.values(answer).flatMap((inner: unknown) => idsIn(inner));
};

export const takeSeat = async (kept: Kept, space: string, time: Time): Promise<Seat> => {
  await kept.engine.create(space);
  const ids: string[] = [];
  const side: Side = {
    get reader() {
      return kept.engine.read(space);
    },
    writer: (actor) => kept.engine.write(space, actors[actor] ?? alice),
    idOf: (target) => ids[target % Math.max(1, ids.length)] ?? nobody,
    ids: () => ids,
    get now() {
      return time.now;
    },
    get moments() {
      return time.moments;
    },
  };
  const answer = async (step: Step): Promise<unknown> => {
    if (step.do === "reopen") return void (kept.engine = await kept.opened.reopen());
    const given = await apply(side, step);
    if (writesMemories.has(step.do)) ids.push(...new Set(idsIn(given).filter((id) => !ids.includes(id))));
    return given;
  };
  return { answer: (step) => answer(step).catch(errorFacts) };
};
