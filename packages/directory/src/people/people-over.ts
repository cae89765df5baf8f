/** `PeopleDirectory` over the directory's database. */
import type { Clock } from "@cairn/kernel/clock";
import { CairnError } from "@cairn/kernel/error";
import { newId } from "@cairn/kernel/id";
import type { Access, DirectoryDatabase } from "../database/directory-database.ts";
import { noted } from "../ledger/append-audit.ts";
import type { OrganisationDirectory } from "../organisations/organisation-directory.ts";
import { lastAdmin } from "../organisations/organisation-errors.ts";
import { attemptsOver } from "./attempts-over.ts";
import type { PeopleDirectory, Person } from "./people-directory.ts";
import { normalEmail } from "./email-address.ts";
import { proofsOver } from "./proofs-over.ts";
import { sessionsOver } from "./sessions-over.ts";

const prefix = "user:";
export const principalOf = (id: string): string => `${prefix}${id}`;
/** What is no person's principal names nobody. */
export const personIdOf = (principal: string): string =>
  principal.startsWith(prefix) ? principal.slice(prefix.length) : "";

export const unknownPerson = (): CairnError => new CairnError("user.not_found", "There is no such person.");
const taken = (): CairnError =>
  new CairnError("user.exists", "There is an account of this address.", { hint: "Sign in, or reset the password." });

const peopleFrom = ({ tables }: Access) =>
  tables.selectFrom("people").select((eb) => [
    "people.id",
    "people.name",
    "people.email",
    "people.email_verified",
    "people.two_factor_enabled",
    "people.disabled_at",
    "people.created_at",
    eb
      .selectFrom("accounts")
      .select((one) => one.fn.count("accounts.id").as("passwords"))
      .whereRef("accounts.person", "=", "people.id")
      .where("accounts.password", "is not", null)
      .as("passwords"),
  ]);
type Row = Awaited<ReturnType<ReturnType<typeof peopleFrom>["executeTakeFirstOrThrow"]>>;

const personOf = (row: Row): Person => ({
  id: row.id,
  principal: principalOf(row.id),
  email: row.email,
  name: row.name,
  verified: row.email_verified === 1,
  twoFactor: row.two_factor_enabled === 1,
  hasPassword: Number(row.passwords) > 0,
  disabledAt: row.disabled_at,
  createdAt: row.created_at,
});

const findIn = async (access: Access, id: string): Promise<Person | null> => {
  const row = await peopleFrom(access).where("people.id", "=", id).executeTakeFirst();
  return row === undefined ? null : personOf(row);
};

/** Whether an organisation has no other admin. */
const isLastAdmin = async ({ tables }: Access, principal: string): Promise<boolean> => {
  const found = await tables
    .selectFrom("members as one")
    .select("one.id")
    .where("one.principal", "=", principal)
    .where("one.role", "=", "admin")
    .where((eb) =>
      eb.not(
        eb.exists(
          eb
            .selectFrom("members as other")
            .select("other.id")
            .whereRef("other.organisation", "=", "one.organisation")
            .where("other.role", "=", "admin")
            .where("other.principal", "<>", principal),
        ),
      ),
    )
    .limit(1)
    .executeTakeFirst();
  return found !== undefined;
};

const givePassword = async ({ tables }: Access, person: string, hash: string, now: number): Promise<void> => {
  await tables
    .insertInto("accounts")
    .values({
      id: newId(),
      person,
      provider_id: "credential",
      account_id: person,
      password: hash,
      access_token: null,
      refresh_token: null,
      id_token: null,
      access_token_expires_at: null,
      refresh_token_expires_at: null,
      scope: null,
      created_at: now,
      updated_at: now,
    })
    .onConflict((conflict) =>
      conflict.columns(["provider_id", "account_id"]).doUpdateSet({ password: hash, updated_at: now }),
    )
    .execute();
};

export const peopleOver = (
  database: DirectoryDatabase,
  clock: Clock,
  organisations: Pick<OrganisationDirectory, "membershipsOf" | "removeMember">,
): PeopleDirectory => {
  const find = (principal: string): Promise<Person | null> =>
    database.read((access) => findIn(access, personIdOf(principal)));

  /** Changes a person in one transaction, and ends its sessions where asked. */
  const change = (
    principal: string,
    note: Parameters<typeof noted>[1],
    endsSessions: boolean,
    work: (access: Access, id: string) => Promise<unknown>,
  ): Promise<Person> => {
    const id = personIdOf(principal);
    return database.write([`people ${id}`], (access) =>
      noted(
        access,
        note,
        async () => {
          if ((await findIn(access, id)) === null) throw unknownPerson();
          await work(access, id);
          if (endsSessions) await access.tables.deleteFrom("sessions").where("person", "=", id).execute();
          const changed = await findIn(access, id);
          if (changed === null) throw unknownPerson();
          return changed;
        },
        [principal],
      ),
    );
  };

  const setDisabled = (principal: string, at: number | null, note: Parameters<typeof noted>[1]): Promise<Person> =>
    change(principal, note, at !== null, ({ tables }, id) =>
      tables.updateTable("people").set({ disabled_at: at, updated_at: clock() }).where("id", "=", id).execute(),
    );

  return {
    find,
    findByEmail: async (given) => {
      const email = normalEmail(given);
      if (email === null) return null;
      const row = await database.read((access) =>
        peopleFrom(access).where("people.email", "=", email).executeTakeFirst(),
      );
      return row === undefined ? null : personOf(row);
    },
    page: async ({ after, limit }) => {
      const rows = await database.read((access) => {
        const all = peopleFrom(access).orderBy("people.id").limit(Math.min(limit, 1_000));
        return (typeof after === "string" ? all.where("people.id", ">", after) : all).execute();
      });
      return rows.map(personOf);
    },
    create: async ({ email: given, name, passwordHash, verified }, note) => {
      const email = normalEmail(given);
      if (email === null) throw new CairnError("request.invalid", "This is not an address of mail.");
      const id = newId();
      return database.write([`people ${id}`], (access) =>
        noted(
          access,
          note,
          async () => {
            const now = clock();
            const made = await access.tables
              .insertInto("people")
              .values({
                id,
                name,
                email,
                email_verified: verified ? 1 : 0,
                image: null,
                two_factor_enabled: 0,
                disabled_at: null,
                created_at: now,
                updated_at: now,
              })
              .onConflict((conflict) => conflict.column("email").doNothing())
              .executeTakeFirst();
            if (Number(made.numInsertedOrUpdatedRows ?? 0) === 0) throw taken();
            if (passwordHash !== null) await givePassword(access, id, passwordHash, now);
            const person = await findIn(access, id);
            if (person === null) throw unknownPerson();
            return person;
          },
          [principalOf(id)],
        ),
      );
    },
    setPassword: async (principal, hash, proven, note) => {
      await change(principal, note, true, async (access, id) => {
        const now = clock();
        await givePassword(access, id, hash, now);
        const verified = proven ? { email_verified: 1 } : {};
        await access.tables
          .updateTable("people")
          .set({ ...verified, updated_at: now })
          .where("id", "=", id)
          .execute();
      });
    },
    disable: (principal, note) => setDisabled(principal, clock(), note),
    enable: (principal, note) => setDisabled(principal, null, note),
    resetSecondFactor: (principal, note) =>
      change(principal, note, true, async ({ tables }, id) => {
        await tables.deleteFrom("second_factors").where("person", "=", id).execute();
        // Devices that were trusted to go without one, and second steps that were begun.
        await tables.deleteFrom("verifications").where("value", "=", id).execute();
        await tables
          .updateTable("people")
          .set({ two_factor_enabled: 0, updated_at: clock() })
          .where("id", "=", id)
          .execute();
      }),
    remove: async (principal, note) => {
      if ((await find(principal)) === null) throw unknownPerson();
      // Before anything is removed: all of it goes, or nothing.
      if (await database.read((access) => isLastAdmin(access, principal))) throw lastAdmin();
      for (const { organisation } of await organisations.membershipsOf(principal)) {
        await organisations.removeMember(organisation, principal, undefined);
      }
      const id = personIdOf(principal);
      await database.write([`people ${id}`], (access) =>
        noted(
          access,
          note,
          async () => {
            const { tables } = access;
            for (const table of ["sessions", "accounts", "second_factors"] as const) {
              await tables.deleteFrom(table).where("person", "=", id).execute();
            }
            await tables.deleteFrom("verifications").where("value", "=", id).execute();
            await tables.deleteFrom("people").where("id", "=", id).execute();
          },
          [principal],
        ),
      );
    },
    ...sessionsOver(database, clock),
    ...proofsOver(database, clock),
    ...attemptsOver(database, clock),
  };
};
