import { z } from "zod";
import { defineOperation, noUsage } from "../../operation.ts";
import { grant, showGrant } from "../../schemas/grant.ts";
import { spaceReference } from "../../schemas/space.ts";

export const listGrants = defineOperation({
  name: "grants.list",
  summary: "List the grants on a space",
  description: "Who may do what to the space regardless of role; at most 1,000.",
  input: z.object({ space: spaceReference }),
  output: z.object({ grants: z.array(grant) }),
  permission: "spaces:manage",
  audit: "read",
  usage: noUsage,
  run: async (context, input) => {
    const space = await context.space(input.space);
    return { grants: (await context.tenants.organisations.grantsOf(space)).map(showGrant) };
  },
});
