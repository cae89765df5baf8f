import { z } from "zod";
import { defineOperation, noUsage } from "../../operation.ts";
import { personPrincipal } from "../../schemas/person.ts";

export const removePerson = defineOperation({
  name: "people.remove",
  summary: "Remove a person's account",
  description:
    "Removes the account, its sessions and its memberships with their grants and keys, for good. What the person wrote stays with the organisations it belongs to. Refused where an organisation would be left without an admin.",
  input: z.object({ principal: personPrincipal }),
  output: z.object({ success: z.boolean(), principal: z.string() }),
  permission: "server:manage",
  audit: "administrate",
  usage: noUsage,
  subjects: ({ principal }) => [principal],
  run: async ({ tenants: { people }, note }, { principal }) => {
    await people.remove(principal, note);
    return { success: true, principal };
  },
});
