/**
 * Write transactions as generators: between steps they let other work of the thread run, so that a long import never
 * delays a question (which reads the state before the transaction, on its own connection). A transaction waits for
 * another process's lock without blocking the thread.
 */
import type { Clock } from "@cairn/kernel/clock";
import { newId } from "@cairn/kernel/id";
import type { Actor } from "@cairn/memory/space/engine";
import type { AuditEntry } from "@cairn/memory/audit/audit-entry";
import type { Steps, WriteContext } from "@cairn/memory/write/context";
import { openLog } from "@cairn/memory/write/log";
import { notesOf } from "@cairn/memory/write/notes";
import type { OpenSpace } from "../space/open-space.ts";
import { isBusy, readOnlyFolder, storageError } from "../sqlite-error.ts";
import { keepNotes } from "./store/notes.ts";
import { makeWriteStore } from "./store/write-store.ts";

const lockPatienceMs = 15_000;

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

/** Runs `work` in one durable transaction, which keeps the writer's note; anything thrown leaves nothing behind. */
export function* transact<T>(
  space: OpenSpace,
  actor: Actor,
  clock: Clock,
  work: (context: WriteContext) => Steps<T>,
  notes: (result: T) => readonly AuditEntry[] = () => notesOf(actor),
): Steps<T> {
  if (space.writer.readonly) throw readOnlyFolder();
  yield* untilUnlocked(() => space.writer.exec("BEGIN IMMEDIATE"));
  try {
    // Nobody else can commit now, so the names that the reader sees are all there are.
    space.snapshot(() => undefined);
    const now = clock();
    const store = makeWriteStore(space);
    const log = openLog(store, actor, now);
    const result = yield* work({ space: space.id, model: space.model, store, actor, now, log, newId });
    log.finish();
    keepNotes(space, notes(result), now);
    space.writer.exec("COMMIT");
    return result;
  } catch (error) {
    if (space.writer.inTransaction) space.writer.exec("ROLLBACK");
    throw storageError(error);
  }
}
