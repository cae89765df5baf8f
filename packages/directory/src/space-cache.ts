/**
 * What a server remembers of spaces, so that not every call asks the database which space it means. Each answer is
 * remembered under its id and its name; that there is no such space is not remembered. What was not asked for longest
 * is forgotten first.
 *
 * An answer may be on its way while somebody changes the space. Whatever makes earlier answers doubtful (`forget`,
 * `trust`) therefore starts a new generation: answers of an earlier one are still given to those who asked, and
 * neither remembered nor shared with those who ask from then on.
 */
import type { SpaceRecord } from "./space-directory.ts";
import { nameKey, type SpaceReference } from "./space-name.ts";

export interface SpaceCache {
  /** The remembered record, or what `ask` says; those who ask the same at once share one `ask`. */
  readonly resolve: (reference: SpaceReference, ask: () => Promise<SpaceRecord | null>) => Promise<SpaceRecord | null>;
  /** The space with this id was changed or removed. */
  readonly forget: (id: string) => void;
  /** Whether word comes of what others change. Everything is forgotten; without it nothing is remembered. */
  readonly trust: (trusted: boolean) => void;
  readonly size: () => number;
}

/** It trusts nothing until it is told to. `most`: how many spaces are remembered. */
export const makeSpaceCache = (most: number): SpaceCache => {
  const byId = new Map<string, SpaceRecord>();
  const idsByName = new Map<string, string>();
  let asked = new Map<string, Promise<SpaceRecord | null>>();
  let generation = 0;
  let trusted = false;

  const drop = (record: SpaceRecord): void => {
    byId.delete(record.id);
    const key = nameKey(record.name);
    if (idsByName.get(key) === record.id) idsByName.delete(key);
  };

  const keep = (record: SpaceRecord): void => {
    const before = byId.get(record.id);
    if (before !== undefined) drop(before);
    byId.set(record.id, record);
    idsByName.set(nameKey(record.name), record.id);
    if (byId.size <= most) return;
    const [oldest] = byId.values();
    if (oldest !== undefined) drop(oldest);
  };

  const known = ({ id, key }: SpaceReference): SpaceRecord | null => {
    const record = byId.get(id) ?? byId.get(idsByName.get(key) ?? "");
    if (record === undefined) return null;
    byId.delete(record.id);
    byId.set(record.id, record);
    return record;
  };

  const startAnew = (): void => {
    generation += 1;
    asked = new Map();
  };

  return {
    resolve: async (reference, ask) => {
      const record = known(reference);
      if (record !== null) return record;
      const name = `${reference.id}\n${reference.key}`;
      const under = asked.get(name);
      if (under !== undefined) return under;
      const [since, mine] = [generation, asked];
      const answer = ask();
      mine.set(name, answer);
      try {
        const found = await answer;
        if (found !== null && trusted && since === generation) keep(found);
        return found;
      } finally {
        mine.delete(name);
      }
    },
    forget: (id) => {
      startAnew();
      const record = byId.get(id);
      if (record !== undefined) drop(record);
    },
    trust: (now) => {
      trusted = now;
      startAnew();
      byId.clear();
      idsByName.clear();
    },
    size: () => byId.size,
  };
};
