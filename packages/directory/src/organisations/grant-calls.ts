/** Grants on spaces: what one principal may do to one space, whatever its role. */
import type { Clock } from "@cairn/kernel/clock";
import { CairnError } from "@cairn/kernel/error";
import { newId } from "@cairn/kernel/id";
import { homeOrganisation } from "@cairn/memory/permission/identity";
import type { Access, DirectoryDatabase } from "../database/directory-database.ts";
import { noted } from "../ledger/append-audit.ts";
import { readRole } from "./member-calls.ts";
import { lockOrganisation, topics } from "./organisation-access.ts";
import type { OrganisationDirectory } from "./organisation-directory.ts";
import { unknownGrant, unknownMember } from "./organisation-errors.ts";
import { actionsText, grantColumns, toGrant } from "./organisation-rows.ts";
import { granteePrincipalOf } from "./organisation-text.ts";

type GrantCalls = Pick<OrganisationDirectory, "grantsOf" | "grantsTo" | "setGrant" | "removeGrant">;

const mostGrants = 1_000;

/** The organisation of a space; `keep`: which stays there until the transaction ends. Throws space.not_found. */
const organisationOf = async ({ tables, words }: Access, space: string, keep = false): Promise<string> => {
  const asked = tables.selectFrom("spaces").select("organisation").where("id", "=", space);
  const row = await (keep && words.database === "postgres" ? asked.forKeyShare() : asked).executeTakeFirst();
  if (row === undefined) throw new CairnError("space.not_found", "There is no such space.");
  return row.organisation ?? homeOrganisation;
};

/** A key that belongs to nobody is a principal of its own; another one acts for its owner and gets no grants. */
const isKeyOf = async ({ tables }: Access, organisation: string, id: string): Promise<boolean> => {
  const row = await tables
    .selectFrom("keys")
    .select("id")
    .where("id", "=", id)
    .where("organisation", "=", organisation)
    .where("owner", "is", null)
    .where("revoked_at", "is", null)
    .executeTakeFirst();
  return row !== undefined;
};

/**
 * People must be members. Whom a customer's own sign-in knows is not known here before they come: they may be granted
 * something beforehand, and nobody of another organisation gets anything by it (`decide.ts`). Throws member.not_found.
 */
const requireGrantee = async (access: Access, organisation: string, principal: string): Promise<void> => {
  if (principal.startsWith("external:")) return;
  const known = principal.startsWith("key:")
    ? await isKeyOf(access, organisation, principal.slice("key:".length))
    : (await readRole(access, organisation, principal)) !== null;
  if (!known) throw unknownMember();
};

const refuseTooMany = async ({ tables }: Access, space: string, principal: string): Promise<void> => {
  const others = await tables
    .selectFrom("grants")
    .select(({ fn }) => fn.countAll().as("count"))
    .where("space", "=", space)
    .where("principal", "!=", principal)
    .executeTakeFirst();
  if (Number(others?.count ?? 0) < mostGrants) return;
  throw new CairnError("limit.exceeded", `A space has at most ${mostGrants} grants.`, {
    hint: "Give a role in the organisation to those who need the same.",
  });
};

export const grantCalls = (database: DirectoryDatabase, clock: Clock): GrantCalls => ({
  grantsOf: async (space) => {
    const found = await database.remember(`grants ${space}`, async ({ tables }) => {
      const asked = tables.selectFrom("grants").select(grantColumns).where("space", "=", space);
      const rows = await asked.orderBy("principal").execute();
      return { value: rows.map(toGrant), topics: [topics.grants(space)] };
    });
    return found ?? [];
  },
  grantsTo: (organisation, principal) =>
    database.read(async ({ tables }) => {
      const asked = tables.selectFrom("grants").select(grantColumns).where("organisation", "=", organisation);
      return (await asked.where("principal", "=", principal).orderBy("space").execute()).map(toGrant);
    }),
  setGrant: async (space, { principal, actions, by }, note) => {
    const grantee = granteePrincipalOf(principal);
    const kept = actionsText(actions);
    const set = async (access: Access) => {
      const organisation = await organisationOf(access, space);
      await lockOrganisation(access, organisation);
      // It may have gone while the lock was waited for.
      await organisationOf(access, space, true);
      await requireGrantee(access, organisation, grantee);
      await refuseTooMany(access, space, grantee);
      const renewed = { actions: kept, created_at: clock(), created_by: by };
      const row = await access.tables
        .insertInto("grants")
        .values({ id: newId(), space, organisation, principal: grantee, ...renewed })
        .onConflict((conflict) => conflict.columns(["space", "principal"]).doUpdateSet(renewed))
        .returning(grantColumns)
        .executeTakeFirstOrThrow();
      return toGrant(row);
    };
    return database.write([topics.grants(space)], (access) => noted(access, note, () => set(access), [grantee]));
  },
  removeGrant: async (space, principal, note) => {
    const remove = async ({ tables }: Access): Promise<void> => {
      const asked = tables.deleteFrom("grants").where("space", "=", space).where("principal", "=", principal);
      if ((await asked.returning("id").executeTakeFirst()) === undefined) throw unknownGrant();
    };
    await database.write([topics.grants(space)], (access) => noted(access, note, () => remove(access), [principal]));
  },
});
