/**
 * Invitations: a token that went to an address by mail, of which only a hash is kept, makes the person with that address
 * a member, once. An address has one open invitation an organisation.
 */
import type { Clock } from "@cairn/kernel/clock";
import { CairnError } from "@cairn/kernel/error";
import { newId } from "@cairn/kernel/id";
import { reaches } from "@cairn/memory/permission/permission";
import type { Access, DirectoryDatabase } from "../database/directory-database.ts";
import { noted } from "../ledger/append-audit.ts";
import { readRole, writeMember } from "./member-calls.ts";
import { lockIfThere, lockOrganisation, pageOf, topics } from "./organisation-access.ts";
import type { Invitation, Member, NewInvitation, OrganisationDirectory } from "./organisation-directory.ts";
import { unknownInvitation } from "./organisation-errors.ts";
import { invitationColumns, toInvitation } from "./organisation-rows.ts";
import { emailKey, emailOf, memberPrincipalOf } from "./organisation-text.ts";

type InvitationCalls = Pick<
  OrganisationDirectory,
  "invite" | "invitationOf" | "acceptInvitation" | "invitations" | "revokeInvitation"
>;

/** What was over for this long is not kept: nobody asks for it, and addresses are not kept without need. */
const keptMs = 90 * 86_400_000;
const mostOpen = 1_000;

const forgetOld = async ({ tables }: Access, organisation: string, now: number): Promise<void> => {
  const old = tables.deleteFrom("invitations").where("organisation", "=", organisation);
  await old.where("expires_at", "<", now - keptMs).execute();
};

/** Revokes what is open for the address. */
const replace = async ({ tables }: Access, organisation: string, email: string, now: number): Promise<void> => {
  await tables
    .updateTable("invitations")
    .set({ revoked_at: now })
    .where("organisation", "=", organisation)
    .where("email", "=", email)
    .where("accepted_at", "is", null)
    .where("revoked_at", "is", null)
    .execute();
};

const refuseTooMany = async ({ tables }: Access, organisation: string, now: number): Promise<void> => {
  const open = await tables
    .selectFrom("invitations")
    .select(({ fn }) => fn.countAll().as("count"))
    .where("organisation", "=", organisation)
    .where("accepted_at", "is", null)
    .where("revoked_at", "is", null)
    .where("expires_at", ">", now)
    .executeTakeFirst();
  if (Number(open?.count ?? 0) < mostOpen) return;
  throw new CairnError("limit.exceeded", `An organisation has at most ${mostOpen} open invitations.`, {
    hint: "Revoke some, or wait until they are accepted or run out.",
  });
};

const insertInvitation = async (
  { tables }: Access,
  { organisation, email, role, createdBy, expiresAt }: NewInvitation,
  tokenHash: string,
  now: number,
): Promise<Invitation> => {
  const row = await tables
    .insertInto("invitations")
    .values({
      id: newId(),
      organisation,
      email,
      role,
      token_hash: tokenHash,
      created_at: now,
      created_by: createdBy,
      expires_at: expiresAt,
      accepted_at: null,
      accepted_by: null,
      revoked_at: null,
    })
    .returning(invitationColumns)
    .executeTakeFirstOrThrow();
  return toInvitation(row, now);
};

const findByToken = async ({ tables }: Access, tokenHash: string, now: number): Promise<Invitation | null> => {
  const asked = tables.selectFrom("invitations").select(invitationColumns).where("token_hash", "=", tokenHash);
  const row = await asked.executeTakeFirst();
  return row === undefined ? null : toInvitation(row, now);
};

/** Whether it was open, and now is used up. */
const useUp = async ({ tables }: Access, id: string, principal: string, now: number): Promise<boolean> => {
  const used = await tables
    .updateTable("invitations")
    .set({ accepted_at: now, accepted_by: principal })
    .where("id", "=", id)
    .where("accepted_at", "is", null)
    .where("revoked_at", "is", null)
    .where("expires_at", ">", now)
    .returning("id")
    .executeTakeFirst();
  return used !== undefined;
};

export const invitationCalls = (database: DirectoryDatabase, clock: Clock): InvitationCalls => ({
  invite: async (given, tokenHash, note) => {
    const invitation = { ...given, email: emailOf(given.email) };
    const { organisation, email } = invitation;
    if (invitation.expiresAt <= clock())
      throw new CairnError("request.invalid", "An invitation must run out later than now.");
    return database.write([], (access) =>
      noted(access, note, async () => {
        await lockOrganisation(access, organisation);
        const now = clock();
        await forgetOld(access, organisation, now);
        await replace(access, organisation, email, now);
        await refuseTooMany(access, organisation, now);
        return insertInvitation(access, invitation, tokenHash, now);
      }),
    );
  },
  invitationOf: (tokenHash) =>
    database.read(async (access) => {
      const found = await findByToken(access, tokenHash, clock());
      return found?.state === "open" ? found : null;
    }),
  acceptInvitation: async (tokenHash, { principal, email }, note) => {
    const member = memberPrincipalOf(principal);
    const address = emailKey(email);
    const forgotten: string[] = [];
    return database.write(forgotten, async (access): Promise<Member | null> => {
      const found = await findByToken(access, tokenHash, clock());
      if (found?.state !== "open" || found.email !== address) return null;
      const { id, organisation, role, createdBy } = found;
      if ((await lockIfThere(access, organisation)) === null) return null;
      const now = clock();
      if (!(await useUp(access, id, member, now))) return null;
      const before = await readRole(access, organisation, member);
      const mightier = before !== null && reaches(before, role) ? before : role;
      forgotten.push(topics.members(organisation));
      const join = () => writeMember(access, { organisation, principal: member, role: mightier, by: createdBy, now });
      // Told where somebody joined, and not only where the person was before.
      return noted(access, note === undefined ? undefined : { ...note, organisation }, join, [id]);
    });
  },
  invitations: async (organisation, request) => {
    const { after, limit } = pageOf(request);
    return database.read(async ({ tables }) => {
      const asked = tables.selectFrom("invitations").select(invitationColumns).where("organisation", "=", organisation);
      const rows = await asked.where("id", ">", after).orderBy("id").limit(limit).execute();
      return rows.map((row) => toInvitation(row, clock()));
    });
  },
  revokeInvitation: async (organisation, id, note) => {
    const revoke = async ({ tables }: Access): Promise<void> => {
      const revoked = await tables
        .updateTable("invitations")
        .set({ revoked_at: clock() })
        .where("organisation", "=", organisation)
        .where("id", "=", id)
        .where("accepted_at", "is", null)
        .where("revoked_at", "is", null)
        .returning("id")
        .executeTakeFirst();
      if (revoked === undefined) throw unknownInvitation();
    };
    await database.write([], (access) => noted(access, note, () => revoke(access), [id]));
  },
});
