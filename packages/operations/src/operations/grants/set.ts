import { z } from "zod";
import { defineOperation, noUsage } from "../../operation.ts";
import { grant, grantedActions, grantee, showGrant } from "../../schemas/grant.ts";
import { spaceReference } from "../../schemas/space.ts";

export const setGrant = defineOperation({
  name: "grants.set",
  summary: "Grant somebody what they may do to a space",
  description:
    "Replaces what the role would give, upwards and downwards. Only one thing it cannot take: an admin manages every space of the organisation that is not private, and its owner a private one.",
  input: z.object({ space: spaceReference, principal: grantee, actions: grantedActions }),
  output: grant,
  permission: "spaces:manage",
  audit: "administrate",
  usage: noUsage,
  subjects: ({ principal }) => [principal],
  run: async (context, { space, principal, actions }) => {
    const id = await context.space(space);
    const given = { principal, actions, by: context.caller.identity.principal };
    return showGrant(await context.tenants.organisations.setGrant(id, given, context.note));
  },
});
