/** A directory of spaces in a Map, for tests that need no file. It passes the directory's conformance suite. */
import { afterStep, cellOf } from "@cairn/directory/placement";
import { nameKey, referenceOf, spaceNameOf, uniqueKey } from "@cairn/directory/space-name";
import {
  defaultSpaceId,
  defaultSpaceName,
  type SpaceDirectory,
  type SpaceRecord,
} from "@cairn/directory/space-directory";
import type { Clock } from "@cairn/kernel/clock";
import { homeOrganisation } from "@cairn/memory/permission/identity";
import { CairnError } from "@cairn/kernel/error";
import { newId } from "@cairn/kernel/id";

const unplaced = { cell: null, epoch: 0, move: null };

/** In the order of their UTF-8 bytes, as databases compare. */
const byBytes = (one: string, other: string): number => Buffer.compare(Buffer.from(one), Buffer.from(other));

export const makeFakeSpaceDirectory = (clock: Clock = Date.now): SpaceDirectory => {
  const first: SpaceRecord = {
    id: defaultSpaceId,
    organisation: homeOrganisation,
    visibility: "organisation",
    owner: null,
    name: defaultSpaceName,
    description: null,
    rerank: null,
    ...unplaced,
    createdAt: clock(),
    updatedAt: clock(),
  };
  const records = new Map<string, SpaceRecord>([[first.id, first]]);
  const refuse = (what: string): CairnError =>
    new CairnError("request.invalid", `The default space cannot be ${what}.`);
  const named = (key: string): SpaceRecord | undefined =>
    [...records.values()].find((one) => uniqueKey(one.organisation, one.name) === key);
  const free = (organisation: string, name: string, id: string): string => {
    const kept = spaceNameOf(name);
    const other = named(uniqueKey(organisation, kept));
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
    resolve: async (nameOrId, organisation = homeOrganisation) => {
      const reference = referenceOf(nameOrId, organisation);
      return reference === null ? null : (records.get(reference.id) ?? named(reference.key) ?? null);
    },
    list: async (organisation) =>
      [...records.values()]
        .filter((one) => organisation === undefined || one.organisation === organisation)
        .toSorted((one, other) =>
          byBytes(uniqueKey(one.organisation, one.name), uniqueKey(other.organisation, other.name)),
        ),
    page: async ({ after = null, limit }) => {
      if (!Number.isInteger(limit) || limit < 1 || limit > 1_000)
        throw new CairnError("request.invalid", "limit must be a whole number from 1 to 1000.");
      const ordered = [...records.values()].toSorted((one, other) => byBytes(one.id, other.id));
      return ordered.filter(({ id }) => after === null || id > after).slice(0, limit);
    },
    create: async (given) => {
      const { name, description, rerank = null, cell = null } = given;
      const { organisation = homeOrganisation, visibility = "organisation", owner = null } = given;
      const [id, at] = [newId(), clock()];
      const placed = { ...unplaced, cell: cellOf(cell) };
      const whose = { organisation, visibility, owner };
      const called = { name: free(organisation, name, id), description, rerank };
      const record: SpaceRecord = { id, ...whose, ...called, ...placed, createdAt: at, updatedAt: at };
      records.set(id, record);
      return record;
    },
    update: async (id, { name, ...rest }) => {
      if (name !== undefined) spaceNameOf(name);
      const record = existing(id);
      if (id === defaultSpaceId && name !== undefined && nameKey(name) !== defaultSpaceName) throw refuse("renamed");
      const changed = {
        ...record,
        ...(name === undefined ? {} : { name: free(record.organisation, name, id) }),
        ...rest,
        updatedAt: clock(),
      };
      records.set(id, changed);
      return changed;
    },
    advanceMove: async (before, step) => {
      const next = afterStep(before, step, clock());
      const record = existing(before.id);
      if (record.epoch !== before.epoch) return null;
      const placed = { ...record, ...next, epoch: record.epoch + 1 };
      records.set(record.id, placed);
      return placed;
    },
    remove: async (id) => {
      if (id === defaultSpaceId) throw refuse("removed");
      if (existing(id).move !== null)
        throw new CairnError("storage.busy", "The space is being moved.", { retryAfterMs: 10_000 });
      records.delete(id);
    },
    close: async () => undefined,
  };
};
