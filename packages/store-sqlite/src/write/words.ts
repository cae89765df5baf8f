/** Forgetting the words of erased texts: the lexicon would otherwise still tell which words they held. */
import { statSync } from "node:fs";
import type { Clock } from "@cairn/kernel/clock";
import { isCairnError } from "@cairn/kernel/error";
import type { Actor } from "@cairn/memory/space/engine";
import { makeSlicer, type Steps } from "@cairn/memory/write/context";
import type { OpenSpace } from "../space/open-space.ts";
import { scrubDue } from "./store/erased.ts";
import { transact, untilUnlocked } from "./transaction.ts";

const scrubbedAtOnce = 16 * 1024 * 1024;

/** Removes from the lexicon the words that only purged texts held: they must not be readable from the file either. */
export function* dropWords(space: OpenSpace, actor: Actor, clock: Clock): Steps<void> {
  if (space.write("SELECT 1 FROM stale_names LIMIT 1").get() === undefined) return;
  yield* transact(space, actor, clock, function* () {
    const { memories, chunks } = space.index;
    const drop = space.write("DELETE FROM names WHERE id = ?");
    const slice = makeSlicer();
    for (const id of space.write("SELECT id FROM stale_names").pluck().all() as number[]) {
      yield* slice();
      if (!memories.holds(id) && !chunks.holds(id)) drop.run(id);
    }
    space.write("DELETE FROM stale_names").run();
    space
      .write(
        "INSERT INTO meta (key, value) VALUES ('lexicon_epoch', '1') ON CONFLICT (key) DO UPDATE SET value = value + 1",
      )
      .run();
  });
}

/**
 * Leaves no erased text in the unused parts of the file. SQLite overwrites what is deleted, but when it splits a full
 * page it leaves copies of the moved rows in the gap of the old one, and those it does not know any more; only writing
 * the file anew removes them. `always`: also when the file is so large that this takes long. What fails stays due.
 */
export function* scrub(space: OpenSpace, actor: Actor, clock: Clock, always: boolean): Steps<void> {
  const due = space.write("SELECT 1 FROM meta WHERE key = ?").get(scrubDue) !== undefined;
  if (!due || (!always && statSync(space.file).size > scrubbedAtOnce)) return;
  try {
    space.writer.pragma("temp_store = FILE");
    yield* untilUnlocked(() => space.writer.exec("VACUUM"));
    yield* transact(space, actor, clock, function* () {
      space.write("DELETE FROM meta WHERE key = ?").run(scrubDue);
    });
    // Older pages of the write-ahead log still hold the text. While another process reads them this does nothing: the
    // log is emptied when the last of them closes the file.
    space.writer.pragma("wal_checkpoint(TRUNCATE)");
  } catch (error) {
    if (!isCairnError(error)) throw error;
  } finally {
    space.writer.pragma("temp_store = MEMORY");
  }
}
