import { z } from "zod";
import { defineOperation, noUsage } from "../../operation.ts";
import { noteFor, organisationFor } from "../../organisation-access.ts";
import { memberPrincipal } from "../../schemas/member.ts";
import { inOrganisation } from "../../schemas/organisation.ts";

export const removeMember = defineOperation({
  name: "members.remove",
  summary: "Remove a member from the organisation",
  description:
    "Takes effect at once: grants go, keys that act for the member work no more, and open invitations that the member made are taken back. What the member wrote stays, and so do their private spaces, which an operator can open to others at the server's shell.",
  input: z.object({ principal: memberPrincipal, ...inOrganisation }),
  output: z.object({ success: z.boolean(), principal: z.string() }),
  permission: "members:manage",
  audit: "administrate",
  usage: noUsage,
  subjects: ({ principal }) => [principal],
  run: async (context, { principal, organisation }) => {
    const { id } = await organisationFor(context, organisation);
    await context.tenants.organisations.removeMember(id, principal, noteFor(context, id));
    return { success: true, principal };
  },
});
