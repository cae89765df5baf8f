import type { Clock } from "@cairn/kernel/clock";
import type { DirectoryDatabase } from "../database/directory-database.ts";
import type { OrganisationDirectory } from "./organisation-directory.ts";

export const organisationsOver = (_database: DirectoryDatabase, _clock: Clock): OrganisationDirectory => ({}) as OrganisationDirectory;
