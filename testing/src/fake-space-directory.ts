/** A directory of spaces in a Map, for tests that need no file. It passes the directory's conformance suite. */
import { nameKey, spaceNameOf } from "@cairn/directory/space-name";
import {
  defaultSpaceId,
  defaultSpaceName,
  type SpaceDirectory,
  type SpaceRecord,
} from "@cairn/directory/space-directory";
import type { Clock } from "@cairn/kernel/clock";
import { CairnError } from "@cairn/kernel/error";
import { newId } from "@cairn/kernel/id";

export const makeFakeSpaceDirectory = (clock: Clock = Date.now): SpaceDirectory => {
  const first = {
    id: defaultSpaceId,
    name: defaultSpaceName,
    description: null,
    rerank: null,
    createdAt: clock(),
    updatedAt: clock(),
  };
  const records = new Map<string, SpaceRecord>([[first.id, first]]);
  const refuse = (what: string): CairnError =>
    new CairnError("request.invalid", `The default space cannot be ${what}.`);
  const named = (name: string): SpaceRecord | undefined =>
    [...records.values()].find((one) => nameKey(one.name) === nameKey(name));
  const free = (name: string, id: string): string => {
    const kept = spaceNameOf(name);
    const other = named(kept);
    if (other !== undefined && other.id !== id)
      throw new CairnError("space.name_taken", "There is a space with this name already.");
    return kept;
  };
  const existing = (id: string): SpaceRecord => {
    const record = records.get(id);
    if (record === undefined) throw new CairnError("space.not_found", "There is no such space.");
    return record;
  };
  return {
    resolve: async (nameOrId) => records.get(nameOrId.trim().toLowerCase()) ?? named(nameOrId) ?? null,
    list: async () =>
      [...records.values()].toSorted((one, other) => (nameKey(one.name) < nameKey(other.name) ? -1 : 1)),
    create: async ({ name, description, rerank = null }) => {
      const id = newId();
      const record = { id, name: free(name, id), description, rerank, createdAt: clock(), updatedAt: clock() };
      records.set(id, record);
      return record;
    },
    update: async (id, { name, description, rerank }) => {
      const record = existing(id);
      if (id === defaultSpaceId && name !== undefined && nameKey(name) !== defaultSpaceName) throw refuse("renamed");
      const changed = {
        ...record,
        ...(name === undefined ? {} : { name: free(name, id) }),
        ...(description === undefined ? {} : { description }),
        ...(rerank === undefined ? {} : { rerank }),
        updatedAt: clock(),
      };
      records.set(id, changed);
      return changed;
    },
    remove: async (id) => {
      if (id === defaultSpaceId) throw refuse("removed");
      existing(id);
      records.delete(id);
    },
    close: async () => undefined,
  };
};
