/** What the queries about organisations share: topics, pages, and the lock that puts changes of one in a row. */
import { CairnError } from "@cairn/kernel/error";
import type { Access } from "../database/directory-database.ts";
import type { Organisation, PageOf } from "./organisation-directory.ts";
import { unknownOrganisation } from "./organisation-errors.ts";
import { organisationColumns, toOrganisation } from "./organisation-rows.ts";

export const topics = {
  organisation: (id: string): string => `organisations ${id}`,
  members: (organisation: string): string => `members ${organisation}`,
  grants: (space: string): string => `grants ${space}`,
  key: (id: string): string => `keys ${id}`,
  space: (id: string): string => `spaces ${id}`,
} as const;

const mostOnPage = 1_000;

/** Throws request.invalid. */
export const pageOf = ({ after = null, limit }: PageOf): { readonly after: string; readonly limit: number } => {
  // The empty text comes before every id.
  if (Number.isInteger(limit) && limit >= 1 && limit <= mostOnPage) return { after: after ?? "", limit };
  throw new CairnError("request.invalid", `limit must be a whole number from 1 to ${mostOnPage}.`);
};

/**
 * The organisation, locked until the transaction ends: changes of its members, invitations and grants come one after
 * the other, on whichever server, so that what one of them saw still holds when it is committed. SQLite's transactions
 * are one after the other anyway. `toRemove`: nobody can rely on its being there meanwhile either (`keepOrganisation`,
 * the audit). Null where there is none.
 */
export const lockIfThere = async (
  { tables, words }: Access,
  id: string,
  toRemove = false,
): Promise<Organisation | null> => {
  const asked = tables.selectFrom("organisations").select(organisationColumns).where("id", "=", id);
  const locking = toRemove ? asked.forUpdate() : asked.forNoKeyUpdate();
  const row = await (words.database === "postgres" ? locking : asked).executeTakeFirst();
  return row === undefined ? null : toOrganisation(row);
};

/** Throws organisation.not_found. */
export const lockOrganisation = async (access: Access, id: string, toRemove = false): Promise<Organisation> => {
  const found = await lockIfThere(access, id, toRemove);
  if (found === null) throw unknownOrganisation();
  return found;
};

/** That it is there, and stays until the transaction ends. Throws organisation.not_found. */
export const keepOrganisation = async ({ tables, words }: Access, id: string): Promise<void> => {
  const asked = tables.selectFrom("organisations").select("id").where("id", "=", id);
  const row = await (words.database === "postgres" ? asked.forKeyShare() : asked).executeTakeFirst();
  if (row === undefined) throw unknownOrganisation();
};
