import { z } from "zod";
import { defineOperation, noUsage } from "../../operation.ts";

export const leaveOrganisation = defineOperation({
  name: "members.leave",
  summary: "Leave your organisation",
  description:
    "Ends your own membership of the organisation that you act in, at once: your grants go, your keys work no more. Its last admin cannot leave.",
  input: z.object({}),
  output: z.object({ success: z.boolean(), organisation: z.string() }),
  permission: "account:use",
  audit: "administrate",
  usage: noUsage,
  subjects: (_input, { organisation }) => [organisation],
  run: async ({ organisation, tenants, caller, note }) => {
    await tenants.organisations.removeMember(organisation, caller.identity.principal, note);
    return { success: true, organisation };
  },
});
