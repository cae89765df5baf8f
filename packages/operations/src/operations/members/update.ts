import { z } from "zod";
import { defineOperation, noUsage } from "../../operation.ts";
import { noteFor, organisationFor } from "../../organisation-access.ts";
import { requireGivable } from "../../role-bounds.ts";
import { member, memberPrincipal, role, showMember } from "../../schemas/member.ts";
import { inOrganisation } from "../../schemas/organisation.ts";

export const updateMember = defineOperation({
  name: "members.update",
  summary: "Give a member another role",
  description: "Admins do all, editors read and write, viewers read. An organisation always keeps an admin.",
  input: z.object({ principal: memberPrincipal, role, ...inOrganisation }),
  output: member,
  permission: "members:manage",
  audit: "administrate",
  usage: noUsage,
  subjects: ({ principal }) => [principal],
  run: async (context, { principal, role: wanted, organisation }) => {
    const { organisations, people } = context.tenants;
    requireGivable(context.caller.identity, wanted);
    const { id } = await organisationFor(context, organisation);
    const change = { principal, role: wanted, by: context.caller.identity.principal, existing: true };
    return showMember(await organisations.setMember(id, change, noteFor(context, id)), await people.find(principal));
  },
});
