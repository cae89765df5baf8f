/**
 * What one write transaction hands to the rules, and how they give way: a rule that may take long is a generator that
 * yields between items, so that the engine may let others run.
 */
import type { Millis } from "@cairn/kernel/clock";
import type { Uuid } from "@cairn/kernel/id";
import type { EmbeddingModel } from "../embedding/embedder.ts";
import type { Actor } from "../space/engine.ts";
import type { LogWriter } from "./log.ts";
import type { WriteStore } from "./write-store.ts";

/** What a step asks of whoever runs it: nothing (let others run), or to wait so many milliseconds. */
export interface Pause {
  readonly waitMs: number;
}
export type Steps<T> = Generator<Pause, T, void>;

export interface WriteContext {
  /** The id of the space. */
  readonly space: string;
  /** The engine's model: of a new space, and of vectors that do not name theirs. */
  readonly model: EmbeddingModel;
  readonly store: WriteStore;
  readonly actor: Actor;
  readonly now: Millis;
  readonly log: LogWriter;
  /** Of new memories and chunks. An engine that runs a rule again gives the same ids again. */
  readonly newId: () => Uuid;
}

const stepMs = 1;
const letOthersRun: Pause = { waitMs: 0 };

/** Yields about once a millisecond; call between items. How many steps make a turn is for the engine to say. */
export const makeSlicer = (): (() => Steps<void>) => {
  let started = performance.now();
  return function* () {
    if (performance.now() - started < stepMs) return;
    yield letOthersRun;
    started = performance.now();
  };
};
