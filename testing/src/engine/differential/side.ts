/** One of the two engines as a step sees it, and what a history knows of both. */
import type { Actor, SpaceReader, SpaceWriter } from "@cairn/memory/space/engine";
import { alice } from "../world.ts";

export const actors: readonly Actor[] = [alice, { principal: "bob", instance: "phone" }];

export interface Side {
  readonly reader: SpaceReader;
  readonly writer: (actor: number) => SpaceWriter;
  /** The id that this engine gave the how-manieth memory of the history; nobody's while there is none. */
  readonly idOf: (target: number) => string;
  readonly ids: () => readonly string[];
  readonly now: number;
  /** When the steps so far were done, oldest first. */
  readonly moments: readonly number[];
}

export const nobody = "01890000-0000-7000-8000-000000000000";
/** Ids that only imports bring. */
export const outsideId = (at: number): string => `01890000-0000-7000-8000-00000000000${1 + (at % 8)}`;
