/** What the transaction that erases a text notes for later: `words.ts` then removes the text's last traces. */
import { visitNames } from "@cairn/memory/recall/entry";
import type { Statement } from "../../open-database.ts";

type Prepare = (sql: string) => Statement;

/** The row of `meta` that says that the file holds erased text still. */
export const scrubDue = "scrub_due";

/** Notes the words of erased texts, so that those that nothing else holds can be removed from the lexicon. */
export const noteWords = (write: Prepare, entries: readonly Uint8Array[]): void => {
  const ids = new Set<number>();
  for (const entry of entries) visitNames(entry, (name) => void ids.add(name));
  const note = write("INSERT OR IGNORE INTO stale_names (id) VALUES (?)");
  for (const id of ids) if (id > 0) note.run(id);
};

/** Notes that the file holds erased text still. */
export const demandScrub = (write: Prepare): void => {
  write("INSERT OR REPLACE INTO meta (key, value) VALUES (?, '1')").run(scrubDue);
};
