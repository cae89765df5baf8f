/**
 * The directory of spaces over any database that Kysely speaks: what every adapter does alike. An adapter brings how a
 * statement is run (`read`, `write`), and how what was read is remembered (`resolve`).
 *
 * The queries are handed in with the tables, because an adapter loads them at the first question, not before.
 */
import type { Clock } from "@cairn/kernel/clock";
import { CairnError } from "@cairn/kernel/error";
import { newId } from "@cairn/kernel/id";
import type { Kysely } from "kysely";
import { afterStep, cellOf } from "./placement.ts";
import { defaultSpaceId, defaultSpaceName, type SpaceDirectory, type SpaceRecord } from "./space-directory.ts";
import { nameKey, spaceNameOf } from "./space-name.ts";
import type * as SpaceQueries from "./space-queries.ts";
import type { DirectoryTables } from "./tables.ts";

export interface DirectoryAccess {
  readonly tables: Kysely<DirectoryTables>;
  readonly queries: typeof SpaceQueries;
}

type Run = <Result>(work: (access: DirectoryAccess) => Promise<Result>) => Promise<Result>;

export interface SpacesOverOptions {
  readonly read: Run;
  /** Runs a change of one space; what was remembered of it is forgotten when this is over. */
  readonly write: <Result>(id: string, work: (access: DirectoryAccess) => Promise<Result>) => Promise<Result>;
  readonly clock: Clock;
}

const refuseDefault = (what: string): CairnError =>
  new CairnError("request.invalid", `The default space cannot be ${what}.`);

const mostOnPage = 1_000;
const limitOf = (limit: number): number => {
  if (Number.isInteger(limit) && limit >= 1 && limit <= mostOnPage) return limit;
  throw new CairnError("request.invalid", `limit must be a whole number from 1 to ${mostOnPage}.`);
};

export const spacesOver = ({ read, write, clock }: SpacesOverOptions): Omit<SpaceDirectory, "resolve" | "close"> => ({
  list: () => read(({ tables, queries }) => queries.listSpaces(tables)),
  page: async ({ after = null, limit }) => {
    const most = limitOf(limit);
    return read(({ tables, queries }) => queries.pageOfSpaces(tables, after, most));
  },
  create: async ({ name, description, rerank = null, cell = null }) => {
    const now = clock();
    const space: SpaceRecord = {
      id: newId(),
      name: spaceNameOf(name),
      description,
      rerank,
      cell: cellOf(cell),
      epoch: 0,
      move: null,
      createdAt: now,
      updatedAt: now,
    };
    return write(space.id, ({ tables, queries }) => queries.insertSpace(tables, space));
  },
  update: async (id, { name, description, rerank }) => {
    const kept = name === undefined ? {} : { name: spaceNameOf(name) };
    if (id === defaultSpaceId && kept.name !== undefined && nameKey(kept.name) !== defaultSpaceName)
      throw refuseDefault("renamed");
    const change = {
      ...kept,
      ...(description === undefined ? {} : { description }),
      ...(rerank === undefined ? {} : { rerank }),
      updatedAt: clock(),
    };
    return write(id, ({ tables, queries }) => queries.changeSpace(tables, id, change));
  },
  advanceMove: async (before, step) => {
    const next = afterStep(before, step, clock());
    return write(before.id, ({ tables, queries }) => queries.placeSpace(tables, before.id, before.epoch, next));
  },
  remove: async (id) => {
    if (id === defaultSpaceId) throw refuseDefault("removed");
    await write(id, ({ tables, queries }) => queries.deleteSpace(tables, id));
  },
});
