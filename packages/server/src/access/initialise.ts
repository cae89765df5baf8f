/**
 * The first-run set-up of a server: the home organisation gets its name, a person becomes its admin where one is named,
 * and a key is made that may do everything. From then on calls need a credential (`sign-in-state.ts`). What was
 * remembered before belongs to the home organisation already and stays as it is.
 *
 * Done once. What can be refused is refused before anything is changed, and what a crash leaves half done is taken up
 * again: as long as there is no admin, the same command may be given again.
 */
import type { Peppers } from "@cairn/directory/keys/key-hash";
import type { DirectoryDatabase } from "@cairn/directory/database/directory-database";
import type { Organisation } from "@cairn/directory/organisations/organisation-directory";
import { normalEmail } from "@cairn/directory/people/email-address";
import type { Person } from "@cairn/directory/people/people-directory";
import type { Tenants } from "@cairn/directory/tenants";
import type { Clock } from "@cairn/kernel/clock";
import { CairnError } from "@cairn/kernel/error";
import { homeOrganisation } from "@cairn/memory/permission/identity";
import { scopes } from "@cairn/memory/permission/permission";
import { issueKey } from "@cairn/operations/keys/issue-key";
import type { Accounts } from "../accounts/accounts.ts";
import { requirePassword } from "../accounts/passwords.ts";
import { isAdministrated } from "../auth/sign-in-state.ts";
import { noteOfShell } from "./shell-note.ts";

export interface FirstPerson {
  readonly email: string;
  readonly name: string;
  readonly password: string;
}

export interface InitialiseOptions {
  readonly database: DirectoryDatabase;
  readonly tenants: Pick<Tenants, "organisations" | "people" | "keys">;
  /** Throws config.invalid where a secret must be set and is not. */
  readonly keyPeppers: () => Promise<Peppers>;
  readonly accounts: () => Promise<Pick<Accounts, "createPerson" | "setPassword">>;
  readonly clock: Clock;
  /** The server's own name, for the audit. */
  readonly instance: string;
}

export interface FirstRun {
  /** Of the home organisation; null: it keeps the one it has. */
  readonly name: string | null;
  /** Null: nobody signs in yet, and the key belongs to no person. */
  readonly person: FirstPerson | null;
  /** 1..100 characters. */
  readonly label: string;
}

export interface Initialised {
  readonly organisation: Organisation;
  readonly person: Person | null;
  /** The whole key; it is kept nowhere. */
  readonly key: string;
  readonly keyId: string;
}

const requireFirst = async (database: DirectoryDatabase): Promise<void> => {
  if (!(await isAdministrated(database))) return;
  throw new CairnError("request.already_done", "This server is set up already; nothing was changed.", {
    hint: "Another key: cairn admin key create <label> --role admin --scopes all. Another admin: cairn admin user create <email>, then cairn admin member add <email> --role admin.",
  });
};

const requireText = (path: string, given: string): void => {
  if (given.trim() !== "" && given.length <= 100) return;
  throw new CairnError("request.invalid", `${path} must have 1 to 100 characters.`);
};

const requirePerson = ({ email, name, password }: FirstPerson): void => {
  if (normalEmail(email) === null) {
    throw new CairnError("request.invalid", "--email must be an address such as anna@example.com.");
  }
  requireText("--person", name);
  requirePassword(password, [email, name]);
};

/**
 * Throws request.already_done where somebody administers the server; config.invalid without a secret; request.invalid
 * for a name, address or password that cannot be.
 */
export const initialise = async (options: InitialiseOptions, run: FirstRun): Promise<Initialised> => {
  const { database, tenants, keyPeppers, accounts, clock, instance } = options;
  const { organisations, people, keys } = tenants;
  const { name, label, person: wanted } = run;
  const note = (operation: string) => noteOfShell(instance, operation, clock());
  await requireFirst(database);
  await keyPeppers();
  requireText("--label", label);
  if (name !== null) requireText("--name", name);
  if (wanted !== null) requirePerson(wanted);

  const firstPerson = async ({ email, name: called, password }: FirstPerson): Promise<Person> => {
    const { createPerson, setPassword } = await accounts();
    const known = await people.findByEmail(email);
    if (known === null) {
      return createPerson({ email, name: called, password, verified: true }, note("people.create"));
    }
    await setPassword(known.principal, password, note("people.set_password"));
    return known;
  };

  const home =
    name === null
      ? await organisations.find(homeOrganisation)
      : await organisations.update(homeOrganisation, { name: name.trim() }, note("organisations.update"));
  if (home === null) throw new CairnError("organisation.not_found", "The home organisation is not there.");
  const person = wanted === null ? null : await firstPerson(wanted);
  const owner = person?.principal ?? null;
  const { key, kept } = await issueKey(
    { keyPeppers },
    {
      organisation: homeOrganisation,
      owner,
      role: owner === null ? "admin" : null,
      space: null,
      label,
      scopes,
      instance: null,
      addresses: null,
      replaces: null,
      createdBy: "local",
      expiresAt: null,
    },
  );
  // The last step that makes somebody admin comes last: what breaks off before it can be done again.
  await keys.create(kept, note("keys.create"));
  if (owner !== null) {
    const member = { principal: owner, role: "admin", by: "local" } as const;
    await organisations.setMember(homeOrganisation, member, note("members.add"));
  }
  return { organisation: home, person, key, keyId: kept.id };
};
