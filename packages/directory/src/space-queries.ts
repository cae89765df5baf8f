/** The queries about spaces, one statement each, in SQL that SQLite and PostgreSQL read alike. */
import { CairnError } from "@cairn/kernel/error";
import { toRecord } from "./space-record.ts";
import type { Kysely } from "kysely";
import type { SpaceChange, SpaceRecord } from "./space-directory.ts";
import { nameKey } from "./space-name.ts";
import { isUniqueViolation } from "./storage-error.ts";
import type { DirectoryTables } from "./tables.ts";

type Tables = Kysely<DirectoryTables>;

const nameTaken = (): CairnError =>
  new CairnError(
    "space.name_taken",
    "There is a space with this name already; names are compared without regard to case.",
  );

/** Two spaces can match, one by id and one that is called by that id: the id wins. */
export const findSpace = async (tables: Tables, nameOrId: string): Promise<SpaceRecord | null> => {
  const id = nameOrId.trim();
  const rows = await tables
    .selectFrom("spaces")
    .selectAll()
    .where((is) => is.or([is("id", "=", id.toLowerCase()), is("name_key", "=", nameKey(nameOrId))]))
    .execute();
  const row = rows.find((one) => one.id === id.toLowerCase()) ?? rows[0];
  return row === undefined ? null : toRecord(row);
};

export const listSpaces = async (tables: Tables): Promise<readonly SpaceRecord[]> => {
  const rows = await tables.selectFrom("spaces").selectAll().orderBy("name_key").execute();
  return rows.map(toRecord);
};

/** Throws space.name_taken. */
export const insertSpace = async (tables: Tables, space: SpaceRecord): Promise<SpaceRecord> => {
  const { id, name, description, rerank, createdAt, updatedAt } = space;
  const row = { id, name, name_key: nameKey(name), description, rerank, created_at: createdAt, updated_at: updatedAt };
  const inserted = await tables
    .insertInto("spaces")
    .values(row)
    .onConflict((conflict) => conflict.column("name_key").doNothing())
    .returningAll()
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
  const { name, description, rerank, updatedAt } = change;
  try {
    const row = await tables
      .updateTable("spaces")
      .set({
        updated_at: updatedAt,
        ...(name === undefined ? {} : { name, name_key: nameKey(name) }),
        ...(description === undefined ? {} : { description }),
        ...(rerank === undefined ? {} : { rerank }),
      })
      .where("id", "=", id)
      .returningAll()
      .executeTakeFirst();
    if (row === undefined) throw new CairnError("space.not_found", "There is no such space.");
    return toRecord(row);
  } catch (error) {
    throw isUniqueViolation(error) ? nameTaken() : error;
  }
};

/** Throws space.not_found. */
export const deleteSpace = async (tables: Tables, id: string): Promise<void> => {
  const row = await tables.deleteFrom("spaces").where("id", "=", id).returning("id").executeTakeFirst();
  if (row === undefined) throw new CairnError("space.not_found", "There is no such space.");
};
