/**
 * Write transactions as generators: between steps they let other work of the thread run, so that a long import never
 * delays a question (which reads the state before the transaction, on its own connection). A transaction waits for
 * another process's lock without blocking the thread.
 */
import type { Clock, Millis } from "@cairn/kernel/clock";
import type { Actor } from "@cairn/memory/space/engine";
import { makeNameGiver, type NameGiver } from "../space/lexicon.ts";
import type { OpenSpace } from "../space/open-space.ts";
import { isBusy, readOnlyFolder, storageError } from "../sqlite-error.ts";
import { type LogWriter, openLog } from "./log.ts";

/** What a step asks of the scheduler: nothing (let others run), or to wait so many milliseconds. */
export interface Pause {
  readonly waitMs: number;
}
export type Steps<T> = Generator<Pause, T, void>;

export interface WriteContext {
  readonly space: OpenSpace;
  readonly actor: Actor;
  readonly now: Millis;
  readonly names: NameGiver;
  readonly log: LogWriter;
}

const lockPatienceMs = 15_000;
const stepMs = 1;
const letOthersRun: Pause = { waitMs: 0 };

/** Yields about once a millisecond; call between items. How many steps make a turn is the scheduler's to say. */
export const makeSlicer = (): (() => Steps<void>) => {
  let started = performance.now();
  return function* () {
    if (performance.now() - started < stepMs) return;
    yield letOthersRun;
    started = performance.now();
  };
};

/** Tries an attempt that may find the file locked again and again, with growing, jittered pauses. */
export function* untilUnlocked<T>(attempt: () => T): Steps<T> {
  const deadline = performance.now() + lockPatienceMs;
  for (let pause = 1; ; pause = Math.min(50, pause * 1.5)) {
    try {
      return attempt();
    } catch (error) {
      if (!isBusy(error) || performance.now() > deadline) throw storageError(error);
    }
    yield { waitMs: pause * (0.5 + Math.random()) };
  }
}

/** Runs `work` in one durable transaction; anything thrown leaves nothing behind. */
export function* transact<T>(
  space: OpenSpace,
  actor: Actor,
  clock: Clock,
  work: (context: WriteContext) => Steps<T>,
): Steps<T> {
  if (space.writer.readonly) throw readOnlyFolder();
  yield* untilUnlocked(() => space.writer.exec("BEGIN IMMEDIATE"));
  try {
    // Nobody else can commit now, so the names that the reader sees are all there are.
    space.snapshot(() => undefined);
    const now = clock();
    const context = {
      space,
      actor,
      now,
      names: makeNameGiver(space.write("INSERT INTO names (name) VALUES (?)"), space.lexicon),
      log: openLog(space, actor, now),
    };
    const result = yield* work(context);
    context.log.finish();
    space.writer.exec("COMMIT");
    return result;
  } catch (error) {
    if (space.writer.inTransaction) space.writer.exec("ROLLBACK");
    throw storageError(error);
  }
}
