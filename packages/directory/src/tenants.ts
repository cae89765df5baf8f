/** What the directory knows of tenants, by concept. Each is a port of its own, the same over both databases. */
import type { Clock } from "@cairn/kernel/clock";
import type { DirectoryDatabase } from "./database/directory-database.ts";
import { keysOver } from "./keys/keys-over.ts";
import { organisationsOver } from "./organisations/organisations-over.ts";
import { peopleOver } from "./people/people-over.ts";
import { ledgerOver } from "./ledger/ledger-over.ts";
import type { KeyDirectory } from "./keys/key-directory.ts";
import type { LedgerDirectory } from "./ledger/ledger-directory.ts";
import type { OrganisationDirectory } from "./organisations/organisation-directory.ts";
import type { PeopleDirectory } from "./people/people-directory.ts";
import type { TokenDirectory } from "./tokens/token-directory.ts";
import { tokensOver } from "./tokens/tokens-over.ts";

export interface Tenants {
  readonly organisations: OrganisationDirectory;
  readonly keys: KeyDirectory;
  readonly people: PeopleDirectory;
  readonly tokens: TokenDirectory;
  readonly ledger: LedgerDirectory;
}

export const tenantsOver = (database: DirectoryDatabase, clock: Clock): Tenants => {
  const organisations = organisationsOver(database, clock);
  return {
    organisations,
    keys: keysOver(database, clock),
    people: peopleOver(database, clock, organisations),
    tokens: tokensOver(database, clock),
    ledger: ledgerOver(database, clock),
  };
};
