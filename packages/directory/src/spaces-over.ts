/**
 * The directory of spaces over any database that Kysely speaks. A change that comes with a note of its call is audited in
 * the transaction that makes it (`ledger/append-audit.ts`).
 */
import type { Clock } from "@cairn/kernel/clock";
import { CairnError } from "@cairn/kernel/error";
import { newId } from "@cairn/kernel/id";
import { homeOrganisation } from "@cairn/memory/permission/identity";
import type { Access, DirectoryDatabase } from "./database/directory-database.ts";
import { noted } from "./ledger/append-audit.ts";
import { keepOrganisation, topics } from "./organisations/organisation-access.ts";
import { afterStep, cellOf } from "./placement.ts";
import { defaultSpaceId, defaultSpaceName, type SpaceDirectory, type SpaceRecord } from "./space-directory.ts";
import { nameKey, referenceOf, spaceNameOf } from "./space-name.ts";
import {
  changeSpace,
  deleteSpace,
  findSpace,
  insertSpace,
  listSpaces,
  pageOfSpaces,
  placeSpace,
} from "./space-queries.ts";

const refuseDefault = (what: string): CairnError =>
  new CairnError("request.invalid", `The default space cannot be ${what}.`);

const mostOnPage = 1_000;
const limitOf = (limit: number): number => {
  if (Number.isInteger(limit) && limit >= 1 && limit <= mostOnPage) return limit;
  throw new CairnError("request.invalid", `limit must be a whole number from 1 to ${mostOnPage}.`);
};

const topicOf = (id: string): string => `spaces ${id}`;

export const spacesOver = (database: DirectoryDatabase, clock: Clock): Omit<SpaceDirectory, "close"> => ({
  resolve: async (nameOrId, organisation = homeOrganisation) => {
    const reference = referenceOf(nameOrId, organisation);
    if (reference === null) return null;
    return database.remember(`space ${reference.id} ${reference.key}`, async ({ tables }) => {
      const value = await findSpace(tables, reference);
      return value === null ? null : { value, topics: [topicOf(value.id)] };
    });
  },
  list: (organisation) => database.read(({ tables }) => listSpaces(tables, organisation)),
  page: async ({ after = null, limit }) => {
    const most = limitOf(limit);
    return database.read(({ tables }) => pageOfSpaces(tables, after, most));
  },
  create: async (given, note) => {
    const { name, description, rerank = null, cell = null } = given;
    const now = clock();
    const space: SpaceRecord = {
      id: newId(),
      organisation: given.organisation ?? homeOrganisation,
      visibility: given.visibility ?? "organisation",
      owner: given.owner ?? null,
      name: spaceNameOf(name),
      description,
      rerank,
      cell: cellOf(cell),
      epoch: 0,
      move: null,
      createdAt: now,
      updatedAt: now,
    };
    const insert = async (access: Access): Promise<SpaceRecord> => {
      // One that is being removed would leave it behind, with nobody to whom it belongs.
      if (space.organisation !== homeOrganisation) await keepOrganisation(access, space.organisation);
      return insertSpace(access.tables, space);
    };
    return database.write([topicOf(space.id)], (access) => noted(access, note, () => insert(access), [space.id]));
  },
  update: async (id, { name, ...rest }, note) => {
    const kept = name === undefined ? {} : { name: spaceNameOf(name) };
    if (id === defaultSpaceId && kept.name !== undefined && nameKey(kept.name) !== defaultSpaceName)
      throw refuseDefault("renamed");
    const change = { ...kept, ...rest, updatedAt: clock() };
    return database.write([topicOf(id)], (access) => noted(access, note, () => changeSpace(access.tables, id, change)));
  },
  advanceMove: async (before, step) => {
    const next = afterStep(before, step, clock());
    return database.write([topicOf(before.id)], ({ tables }) => placeSpace(tables, before.id, before.epoch, next));
  },
  remove: async (id, note) => {
    if (id === defaultSpaceId) throw refuseDefault("removed");
    const forgotten = [topicOf(id), topics.grants(id)];
    await database.write(forgotten, (access) => noted(access, note, () => deleteSpace(access.tables, id)));
  },
});
