import { unknownInvitation } from "@cairn/directory/organisations/organisation-errors";
import { CairnError } from "@cairn/kernel/error";
import { z } from "zod";
import { defineOperation, noUsage } from "../../operation.ts";
import { invitationHash, isInvitationToken } from "../../invitation-token.ts";
import { organisation, showOrganisation } from "../../schemas/organisation.ts";

export const acceptInvitation = defineOperation({
  name: "invitations.accept",
  summary: "Accept an invitation",
  description:
    "Makes you a member of the organisation that invited your verified address. The token is in the mail; it works once.",
  input: z.object({
    token: z.string("token must be a text").max(200, "token must be at most 200 characters").meta({
      description: "From the link in the mail.",
    }),
  }),
  output: organisation,
  permission: "account:use",
  audit: "administrate",
  usage: noUsage,
  run: async (context, { token }) => {
    const { organisations, people } = context.tenants;
    const { principal } = context.caller.identity;
    const person = await people.find(principal);
    if (person === null || !person.verified || person.disabledAt !== null) {
      throw new CairnError("auth.forbidden", "Only a person whose address is verified can accept an invitation.", {
        hint: "Sign in with the invited address, and follow the link that verified it.",
      });
    }
    // Unknown, used, revoked, run out or somebody else's: the answer is the same.
    const joined = isInvitationToken(token)
      ? await organisations.acceptInvitation(invitationHash(token), { principal, email: person.email }, context.note)
      : null;
    const found = joined === null ? null : await organisations.find(joined.organisation);
    if (joined === null || found === null) throw unknownInvitation();
    return showOrganisation(found, joined.role);
  },
});
