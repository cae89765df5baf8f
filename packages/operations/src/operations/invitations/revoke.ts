import { z } from "zod";
import { defineOperation, noUsage } from "../../operation.ts";
import { noteFor, organisationFor } from "../../organisation-access.ts";
import { id } from "../../schemas/common.ts";
import { inOrganisation } from "../../schemas/organisation.ts";

export const revokeInvitation = defineOperation({
  name: "invitations.revoke",
  summary: "Take an invitation back",
  description: "The link in its mail is no good any more. One that was accepted stays: remove the member instead.",
  input: z.object({ id: id(), ...inOrganisation }),
  output: z.object({ success: z.boolean(), id: z.string() }),
  permission: "members:manage",
  audit: "administrate",
  usage: noUsage,
  run: async (context, { id: invitation, organisation }) => {
    const { id: from } = await organisationFor(context, organisation);
    await context.tenants.organisations.revokeInvitation(from, invitation, noteFor(context, from));
    return { success: true, id: invitation };
  },
});
