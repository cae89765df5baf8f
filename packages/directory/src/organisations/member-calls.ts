/** Who belongs to an organisation, in which role. An organisation that has an admin always keeps one. */
import type { Clock } from "@cairn/kernel/clock";
import { newId } from "@cairn/kernel/id";
import type { Role } from "@cairn/memory/permission/permission";
import type { Access, DirectoryDatabase } from "../database/directory-database.ts";
import { noted } from "../ledger/append-audit.ts";
import { lockOrganisation, pageOf, topics } from "./organisation-access.ts";
import type { Member, OrganisationDirectory } from "./organisation-directory.ts";
import { lastAdmin, unknownMember } from "./organisation-errors.ts";
import { memberColumns, roleFrom, toMember } from "./organisation-rows.ts";
import { memberPrincipalOf } from "./organisation-text.ts";

type MemberCalls = Pick<OrganisationDirectory, "roleOf" | "membershipsOf" | "members" | "setMember" | "removeMember">;

interface MemberToWrite {
  readonly organisation: string;
  readonly principal: string;
  readonly role: Role;
  readonly by: string;
  readonly now: number;
}

const personIn = (principal: string): string | null => /^user:(.+)$/u.exec(principal)?.[1] ?? null;

/** Whoever is disabled keeps memberships, and may nothing with them: neither sign in nor use a key. */
const isDisabled = async ({ tables }: Access, principal: string): Promise<boolean> => {
  const person = personIn(principal);
  if (person === null) return false;
  const row = await tables.selectFrom("people").select("disabled_at").where("id", "=", person).executeTakeFirst();
  return row !== undefined && row.disabled_at !== null;
};

export const readRole = async ({ tables }: Access, organisation: string, principal: string): Promise<Role | null> => {
  const row = await tables
    .selectFrom("members")
    .select("role")
    .where("organisation", "=", organisation)
    .where("principal", "=", principal)
    .executeTakeFirst();
  return row === undefined ? null : roleFrom(row.role);
};

export const writeMember = async (
  { tables }: Access,
  { organisation, principal, role, by, now }: MemberToWrite,
): Promise<Member> => {
  const row = await tables
    .insertInto("members")
    .values({ id: newId(), organisation, principal, role, created_at: now, created_by: by, updated_at: now })
    .onConflict((conflict) => conflict.columns(["organisation", "principal"]).doUpdateSet({ role, updated_at: now }))
    .returning(memberColumns)
    .executeTakeFirstOrThrow();
  return toMember(row);
};

/** For who holds the organisation's lock. Throws member.last_admin where `principal` is its only admin. */
const keepAnAdmin = async (access: Access, organisation: string, principal: string): Promise<void> => {
  const { tables } = access;
  const admins = await tables
    .selectFrom("members")
    .select("principal")
    .where("organisation", "=", organisation)
    .where("role", "=", "admin")
    .execute();
  const others = admins.map((one) => one.principal).filter((one) => one !== principal);
  // Whoever is disabled cannot administrate anything.
  for (const one of others) if (!(await isDisabled(access, one))) return;
  if (admins.length > others.length) throw lastAdmin();
};

/** Its grants go, the keys that act for it work no more, and whom it invited is not let in on its word. */
const takeRights = async (
  { tables }: Access,
  { organisation, principal, now }: Pick<MemberToWrite, "organisation" | "principal" | "now">,
  forget: (topic: string) => void,
): Promise<void> => {
  const grants = await tables
    .deleteFrom("grants")
    .where("organisation", "=", organisation)
    .where("principal", "=", principal)
    .returning("space")
    .execute();
  for (const { space } of grants) forget(topics.grants(space));
  const keys = await tables
    .updateTable("keys")
    .set({ revoked_at: now })
    .where("organisation", "=", organisation)
    .where("owner", "=", principal)
    .where("revoked_at", "is", null)
    .returning("id")
    .execute();
  for (const { id } of keys) forget(topics.key(id));
  await tables
    .updateTable("invitations")
    .set({ revoked_at: now })
    .where("organisation", "=", organisation)
    .where("created_by", "=", principal)
    .where("accepted_at", "is", null)
    .where("revoked_at", "is", null)
    .execute();
};

export const memberCalls = (database: DirectoryDatabase, clock: Clock): MemberCalls => ({
  roleOf: (organisation, principal) =>
    database.remember(`role ${organisation} ${principal}`, async (access) => {
      const value = await readRole(access, organisation, principal);
      if (value === null || (await isDisabled(access, principal))) return null;
      const person = personIn(principal);
      return { value, topics: [topics.members(organisation), ...(person === null ? [] : [`people ${person}`])] };
    }),
  membershipsOf: (principal) =>
    database.read(async ({ tables }) => {
      const asked = tables.selectFrom("members").select(memberColumns).where("principal", "=", principal);
      return (await asked.orderBy("id").execute()).map(toMember);
    }),
  members: async (organisation, request) => {
    const { after, limit } = pageOf(request);
    return database.read(async ({ tables }) => {
      const asked = tables.selectFrom("members").select(memberColumns).where("organisation", "=", organisation);
      return (await asked.where("id", ">", after).orderBy("id").limit(limit).execute()).map(toMember);
    });
  },
  setMember: async (organisation, { principal, role, by, existing = false }, note) => {
    const member = { organisation, principal: memberPrincipalOf(principal), role, by };
    return database.write([topics.members(organisation)], (access) =>
      noted(
        access,
        note,
        async () => {
          await lockOrganisation(access, organisation);
          const before = await readRole(access, organisation, principal);
          if (before === null && existing) throw unknownMember();
          if (before === "admin" && role !== "admin") await keepAnAdmin(access, organisation, principal);
          return writeMember(access, { ...member, now: clock() });
        },
        [principal],
      ),
    );
  },
  removeMember: async (organisation, principal, note) => {
    const forgotten = [topics.members(organisation)];
    await database.write(forgotten, (access) =>
      noted(
        access,
        note,
        async () => {
          await lockOrganisation(access, organisation);
          const before = await readRole(access, organisation, principal);
          if (before === null) throw unknownMember();
          if (before === "admin") await keepAnAdmin(access, organisation, principal);
          const removed = { organisation, principal, now: clock() };
          await takeRights(access, removed, (topic) => void forgotten.push(topic));
          await access.tables
            .deleteFrom("members")
            .where("organisation", "=", organisation)
            .where("principal", "=", principal)
            .execute();
        },
        [principal],
      ),
    );
  },
});
