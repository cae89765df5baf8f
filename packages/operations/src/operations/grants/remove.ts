import { z } from "zod";
import { defineOperation, noUsage } from "../../operation.ts";
import { grantee } from "../../schemas/grant.ts";
import { spaceReference } from "../../schemas/space.ts";

export const removeGrant = defineOperation({
  name: "grants.remove",
  summary: "Take a grant on a space back",
  description: "What the principal may do follows from its role again.",
  input: z.object({ space: spaceReference, principal: grantee }),
  output: z.object({ success: z.boolean(), principal: z.string() }),
  permission: "spaces:manage",
  audit: "administrate",
  usage: noUsage,
  subjects: ({ principal }) => [principal],
  run: async (context, { space, principal }) => {
    await context.tenants.organisations.removeGrant(await context.space(space), principal, context.note);
    return { success: true, principal };
  },
});
