/** The queries about spaces, one statement each, in SQL that SQLite and PostgreSQL read alike. */
import { CairnError } from "@cairn/kernel/error";
import type { Kysely } from "kysely";
import type { Placement } from "./placement.ts";
import type { SpaceChange, SpaceRecord } from "./space-directory.ts";
import { homeOrganisation } from "@cairn/memory/permission/identity";
import { type SpaceReference, uniqueKey } from "./space-name.ts";
import { placementColumns, toRecord, toRow } from "./space-record.ts";
import { isUniqueViolation } from "./storage-error.ts";
import type { DirectoryTables } from "./tables.ts";

type Tables = Kysely<DirectoryTables>;

/** By name and never `*`: see `schema-steps.ts`. */
const columns = [
  "id",
  "name",
  "name_key",
  "description",
  "rerank",
  "created_at",
  "updated_at",
  "cell",
  "epoch",
  "move_from",
  "move_to",
  "move_phase",
  "move_started_at",
  "organisation",
  "visibility",
  "owner",
] as const;

const nameTaken = (): CairnError =>
  new CairnError(
    "space.name_taken",
    "There is a space with this name already; names are compared without regard to case.",
  );

const notFound = (): CairnError => new CairnError("space.not_found", "There is no such space.");

/** Two spaces can match, one by id and one that is called by that id: the id wins. */
export const findSpace = async (tables: Tables, { id, key }: SpaceReference): Promise<SpaceRecord | null> => {
  const rows = await tables
    .selectFrom("spaces")
    .select(columns)
    .where((is) => is.or([is("id", "=", id), is("name_key", "=", key)]))
    .execute();
  const row = rows.find((one) => one.id === id) ?? rows[0];
  return row === undefined ? null : toRecord(row);
};

/** Of an organisation, or of all. */
export const listSpaces = async (tables: Tables, organisation?: string): Promise<readonly SpaceRecord[]> => {
  const all = tables.selectFrom("spaces").select(columns).orderBy("name_key");
  const asked =
    organisation === undefined
      ? all
      : organisation === homeOrganisation
        ? all.where((is) => is.or([is("organisation", "is", null), is("organisation", "=", organisation)]))
        : all.where("organisation", "=", organisation);
  return (await asked.execute()).map(toRecord);
};

export const pageOfSpaces = async (
  tables: Tables,
  after: string | null,
  limit: number,
): Promise<readonly SpaceRecord[]> => {
  const all = tables.selectFrom("spaces").select(columns).orderBy("id").limit(limit);
  const rows = await (after === null ? all : all.where("id", ">", after)).execute();
  return rows.map(toRecord);
};

/** Throws space.name_taken. */
export const insertSpace = async (tables: Tables, space: SpaceRecord): Promise<SpaceRecord> => {
  const inserted = await tables
    .insertInto("spaces")
    .values(toRow(space))
    .onConflict((conflict) => conflict.column("name_key").doNothing())
    .returning(columns)
    .executeTakeFirst();
  if (inserted === undefined) throw nameTaken();
  return toRecord(inserted);
};

/** Throws space.not_found, space.name_taken. */
export const changeSpace = async (
  tables: Tables,
  id: string,
  change: SpaceChange & { readonly updatedAt: number },
): Promise<SpaceRecord> => {
  const { name, description, rerank, visibility, owner, updatedAt } = change;
  try {
    const before = await tables.selectFrom("spaces").select("organisation").where("id", "=", id).executeTakeFirst();
    if (before === undefined) throw notFound();
    const organisation = before.organisation ?? homeOrganisation;
    const row = await tables
      .updateTable("spaces")
      .set({
        updated_at: updatedAt,
        ...(name === undefined ? {} : { name, name_key: uniqueKey(organisation, name) }),
        ...(description === undefined ? {} : { description }),
        ...(rerank === undefined ? {} : { rerank }),
        ...(visibility === undefined ? {} : { visibility }),
        ...(owner === undefined ? {} : { owner }),
      })
      .where("id", "=", id)
      .returning(columns)
      .executeTakeFirst();
    if (row === undefined) throw notFound();
    return toRecord(row);
  } catch (error) {
    throw isUniqueViolation(error) ? nameTaken() : error;
  }
};

const existing = async (tables: Tables, id: string): Promise<void> => {
  const row = await tables.selectFrom("spaces").select("id").where("id", "=", id).executeTakeFirst();
  if (row === undefined) throw notFound();
};

/** Null where the space's epoch is not `epoch` any more. Throws space.not_found. */
export const placeSpace = async (
  tables: Tables,
  id: string,
  epoch: number,
  next: Placement,
): Promise<SpaceRecord | null> => {
  const row = await tables
    .updateTable("spaces")
    .set({ ...placementColumns(next), epoch: epoch + 1 })
    .where("id", "=", id)
    .where("epoch", "=", epoch)
    .returning(columns)
    .executeTakeFirst();
  if (row !== undefined) return toRecord(row);
  await existing(tables, id);
  return null;
};

/**
 * With the grants on it. Throws space.not_found; storage.busy while the space is being moved: a copy of it would be left
 * behind.
 */
export const deleteSpace = async (tables: Tables, id: string): Promise<void> => {
  const row = await tables
    .deleteFrom("spaces")
    .where("id", "=", id)
    .where("move_phase", "is", null)
    .returning("id")
    .executeTakeFirst();
  if (row !== undefined) {
    await tables.deleteFrom("grants").where("space", "=", id).execute();
    return;
  }
  await existing(tables, id);
  throw new CairnError("storage.busy", "The space is being moved to another cell; try again when that is done.", {
    retryAfterMs: 10_000,
  });
};
