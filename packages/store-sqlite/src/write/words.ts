/** Forgetting the words of erased texts: the lexicon would otherwise still tell which words they held. */
import type { Clock } from "@cairn/kernel/clock";
import { visitNames } from "@cairn/memory/recall/entry";
import type { Actor } from "@cairn/memory/space/engine";
import type { OpenSpace } from "../space/open-space.ts";
import { makeSlicer, type Steps, transact } from "./transaction.ts";

/** Notes the words of erased texts, so that `dropWords` can remove those that nothing else holds. */
export const noteWords = (space: OpenSpace, entries: readonly Uint8Array[]): void => {
  const ids = new Set<number>();
  for (const entry of entries) visitNames(entry, (name) => void ids.add(name));
  const note = space.write("INSERT OR IGNORE INTO stale_names (id) VALUES (?)");
  for (const id of ids) if (id > 0) note.run(id);
};

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
  // Older pages of the write-ahead log still hold the text. While another process reads them this does nothing: the
  // log is emptied when the last of them closes the file.
  space.writer.pragma("wal_checkpoint(TRUNCATE)");
}
