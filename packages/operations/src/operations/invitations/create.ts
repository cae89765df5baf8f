import type { Invitation, Organisation } from "@cairn/directory/organisations/organisation-directory";
import { CairnError } from "@cairn/kernel/error";
import { z } from "zod";
import type { CallContext } from "../../context.ts";
import { makeInvitationToken } from "../../invitation-token.ts";
import { defineOperation, noUsage } from "../../operation.ts";
import { noteFor, organisationFor } from "../../organisation-access.ts";
import { requireGivable } from "../../role-bounds.ts";
import { wholeOr } from "../../schemas/common.ts";
import { invitation, invitedEmail, role, showInvitation } from "../../schemas/member.ts";
import { inOrganisation } from "../../schemas/organisation.ts";

const dayMs = 86_400_000;

/** Throws mail.unavailable. */
const send = async (context: CallContext, to: Organisation, made: Invitation, token: string): Promise<void> => {
  if (context.invite === undefined)
    throw new CairnError("mail.unavailable", "This server cannot send mail, so nobody would get the invitation.", {
      hint: "Invite at the server's shell, which shows what to pass on, or set CAIRN_MAIL_URL.",
    });
  const { email, createdBy: invitedBy, expiresAt } = made;
  await context.invite({ email, organisationName: to.name, token, invitedBy, expiresAt });
};

export const createInvitation = defineOperation({
  name: "invitations.create",
  summary: "Invite somebody to the organisation",
  description:
    "Sends a link by mail that makes whoever has this address a member, once. A new invitation for an address replaces the one before.",
  input: z.object({
    email: invitedEmail,
    role,
    expiresInDays: wholeOr("expires_in_days", 1, 30, 7),
    ...inOrganisation,
  }),
  output: invitation.extend({
    sent: z.boolean().meta({ description: "Whether it went out by mail." }),
    token: z.string().optional().meta({ description: "Only at the server's own shell, once: what the mail holds." }),
  }),
  permission: "members:manage",
  audit: "administrate",
  usage: noUsage,
  expects: () => ({ members: 1 }),
  confidential: true,
  run: async (context, { email, role: wanted, expiresInDays, organisation }) => {
    const { organisations } = context.tenants;
    const { principal } = context.caller.identity;
    requireGivable(context.caller.identity, wanted);
    const to = await organisationFor(context, organisation);
    const { token, hash } = makeInvitationToken();
    const expiresAt = context.clock() + expiresInDays * dayMs;
    const given = { organisation: to.id, email, role: wanted, createdBy: principal, expiresAt };
    const made = await organisations.invite(given, hash, noteFor(context, given.organisation));
    const shown = showInvitation(made);
    // Whoever has the machine can pass it on by hand. Nobody else sees what only the address may bring back.
    const byHand = principal === "local" ? { token } : {};
    try {
      await send(context, to, made, token);
      return { ...shown, ...byHand, sent: true };
    } catch (error) {
      if (principal === "local" && error instanceof CairnError && error.code === "mail.unavailable")
        return { ...shown, ...byHand, sent: false };
      await organisations.revokeInvitation(to.id, made.id).catch(() => undefined);
      throw error;
    }
  },
});
