/**
 * Whether calls need a credential. With the setting `auto` they do once somebody administers the server: a laptop asks
 * nothing of its owner until `cairn admin init` has been run, and a running server notices when it is.
 */
import type { DirectoryDatabase } from "@cairn/directory/database/directory-database";
import { newKeyTopic } from "@cairn/directory/keys/key-directory";
import { homeOrganisation } from "@cairn/memory/permission/identity";
import type { AccessSettings } from "../settings/access-settings.ts";

interface Found {
  readonly administrated: boolean;
}

/** Somebody, or a key that belongs to nobody, is an admin of the home organisation. */
const lookFor = (database: DirectoryDatabase): Promise<Found | null> =>
  database.remember("sign-in", async ({ tables }) => {
    const member = await tables
      .selectFrom("members")
      .select("id")
      .where("organisation", "=", homeOrganisation)
      .where("role", "=", "admin")
      .limit(1)
      .executeTakeFirst();
    const key = await tables
      .selectFrom("keys")
      .select("id")
      .where("organisation", "=", homeOrganisation)
      .where("role", "=", "admin")
      .limit(1)
      .executeTakeFirst();
    const topics = [`members ${homeOrganisation}`, newKeyTopic(homeOrganisation)];
    return { value: { administrated: member !== undefined || key !== undefined }, topics };
  });

/** Whether somebody administers the server already, whatever the settings ask of callers. */
export const isAdministrated = async (database: DirectoryDatabase): Promise<boolean> =>
  (await lookFor(database))?.administrated === true;

/** Once true it stays true for this process: nothing that is deleted lets everybody in again. */
export const makeSignInState = (
  setting: AccessSettings["auth"],
  database: DirectoryDatabase,
): (() => Promise<boolean>) => {
  let isOn = setting === "on";
  return async () => {
    if (isOn || setting === "off") return isOn;
    isOn = (await lookFor(database))?.administrated === true;
    return isOn;
  };
};
