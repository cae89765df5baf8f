import { CairnError } from "@cairn/kernel/error";
import { z } from "zod";
import { defineOperation, noUsage } from "../../operation.ts";
import { noteFor, organisationFor } from "../../organisation-access.ts";
import { requireGivable } from "../../role-bounds.ts";
import { member, memberPrincipal, role, showMember } from "../../schemas/member.ts";
import { inOrganisation } from "../../schemas/organisation.ts";

export const addMember = defineOperation({
  name: "members.add",
  summary: "Make somebody a member without an invitation",
  description:
    "Takes somebody who has an account here, or who comes through an identity provider, into an organisation at once; whoever is a member already gets this role. For administrators of the server: others invite, so that nobody is taken in who did not agree.",
  input: z.object({ principal: memberPrincipal, role, ...inOrganisation }),
  output: member,
  permission: "server:manage",
  audit: "administrate",
  usage: noUsage,
  expects: () => ({ members: 1 }),
  subjects: ({ principal }) => [principal],
  run: async (context, { principal, role: wanted, organisation }) => {
    const { organisations, people } = context.tenants;
    requireGivable(context.caller.identity, wanted);
    const { id } = await organisationFor(context, organisation);
    const person = await people.find(principal);
    if (person === null && principal.startsWith("user:"))
      throw new CairnError("user.not_found", "There is no such person.");
    const given = { principal, role: wanted, by: context.caller.identity.principal };
    return showMember(await organisations.setMember(id, given, noteFor(context, id)), person);
  },
});
