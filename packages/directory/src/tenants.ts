/** What the directory knows of tenants, by concept. Each is a port of its own, the same over both databases. */
import type { Clock } from "@cairn/kernel/clock";
import type { DirectoryDatabase } from "./database/directory-database.ts";
import { keysOver } from "./keys/keys-over.ts";
import { organisationsOver } from "./organisations/organisations-over.ts";
import type { KeyDirectory } from "./keys/key-directory.ts";
import type { OrganisationDirectory } from "./organisations/organisation-directory.ts";

export interface Tenants {
  readonly organisations: OrganisationDirectory;
  readonly keys: KeyDirectory;
}

export const tenantsOver = (database: DirectoryDatabase, clock: Clock): Tenants => ({
  organisations: organisationsOver(database, clock),
  keys: keysOver(database, clock),
});
