/** The directory of organisations over any database that Kysely speaks. */
import type { Clock } from "@cairn/kernel/clock";
import type { DirectoryDatabase } from "../database/directory-database.ts";
import { grantCalls } from "./grant-calls.ts";
import { invitationCalls } from "./invitation-calls.ts";
import { memberCalls } from "./member-calls.ts";
import { organisationCalls } from "./organisation-calls.ts";
import type { OrganisationDirectory } from "./organisation-directory.ts";

/** All calls may also throw what `DirectoryDatabase` does. */
export const organisationsOver = (database: DirectoryDatabase, clock: Clock): OrganisationDirectory => ({
  ...organisationCalls(database, clock),
  ...memberCalls(database, clock),
  ...invitationCalls(database, clock),
  ...grantCalls(database, clock),
});
