/**
 * The lexicon of a space: numbers for terms and facet values. It mirrors the table `names`, which only grows (a purge
 * may remove words that nothing holds any more, and then raises the epoch so that every process reads it anew).
 */
import type { IndexLexicon } from "@cairn/memory/recall/search-index";
import type { Sqlite, Statement } from "../open-database.ts";

export interface Lexicon extends IndexLexicon {
  /** The number of a name, −1 when no committed text holds it. */
  readonly find: (name: string) => number;
  /** The largest number given so far. */
  readonly last: () => number;
  /** Reads what was committed since; call inside a read transaction. */
  readonly sync: () => void;
}

export const makeLexicon = (reader: Sqlite): Lexicon => {
  const ids = new Map<string, number>();
  const names: string[] = [];
  let last = 0;
  let epoch = "";
  const since = reader.prepare("SELECT id, name FROM names WHERE id > ? ORDER BY id").raw();
  const epochRow = reader.prepare("SELECT value FROM meta WHERE key = 'lexicon_epoch'").pluck();
  const find = (name: string): number => ids.get(name) ?? -1;
  return {
    find,
    idOf: find,
    nameOf: (id) => names[id] ?? "",
    last: () => last,
    sync: () => {
      const current = (epochRow.get() as string | undefined) ?? "0";
      if (current !== epoch) {
        ids.clear();
        names.length = 0;
        last = 0;
        epoch = current;
      }
      for (const row of since.iterate(last) as IterableIterator<[number, string]>) {
        ids.set(row[1], row[0]);
        names[row[0]] = row[1];
        last = row[0];
      }
    },
  };
};

/** Numbers names inside one write transaction: what it adds is forgotten unless the transaction commits. */
export const makeNameGiver = (insert: Statement, committed: Lexicon): ((name: string) => number) => {
  const added = new Map<string, number>();
  return (name) => {
    const known = committed.find(name);
    if (known >= 0) return known;
    const fresh = added.get(name);
    if (fresh !== undefined) return fresh;
    const id = Number(insert.run(name).lastInsertRowid);
    added.set(name, id);
    return id;
  };
};
