import { z } from "zod";
import { defineOperation, noUsage } from "../../operation.ts";
import { role } from "../../schemas/member.ts";
import { person, showPerson } from "../../schemas/person.ts";

export const readMe = defineOperation({
  name: "people.me",
  summary: "Read your own account",
  description: "Who you are to this server: your account, if you have one here, and the organisations you belong to.",
  input: z.object({}),
  output: z.object({
    principal: z.string(),
    person: person.nullable().meta({ description: "Null for callers without an account, such as keys of nobody." }),
    organisations: z.array(z.object({ id: z.string(), name: z.string(), slug: z.string(), role })),
  }),
  permission: "account:use",
  audit: "read",
  usage: noUsage,
  run: async ({ tenants: { people, organisations }, caller }) => {
    const { principal } = caller.identity;
    const [found, memberships] = [await people.find(principal), await organisations.membershipsOf(principal)];
    const belongs = await Promise.all(
      memberships.map(async (membership) => {
        const organisation = await organisations.find(membership.organisation);
        if (organisation === null) return [];
        const { id, name, slug } = organisation;
        return [{ id, name, slug, role: membership.role }];
      }),
    );
    return { principal, person: found === null ? null : showPerson(found), organisations: belongs.flat() };
  },
});
