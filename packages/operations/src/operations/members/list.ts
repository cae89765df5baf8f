import { z } from "zod";
import { defineOperation, noUsage } from "../../operation.ts";
import { organisationFor } from "../../organisation-access.ts";
import { pageBy } from "../../pages.ts";
import { cursor, nextCursor, wholeOr } from "../../schemas/common.ts";
import { member, showMember } from "../../schemas/member.ts";
import { inOrganisation } from "../../schemas/organisation.ts";

export const listMembers = defineOperation({
  name: "members.list",
  summary: "List the members of your organisation",
  description: "Who belongs to the organisation, in which role, in the order they joined, page by page.",
  input: z.object({ ...inOrganisation, limit: wholeOr("limit", 1, 200, 50), cursor: cursor.nullish() }),
  output: z.object({ members: z.array(member), cursor: nextCursor }),
  permission: "members:read",
  audit: "read",
  usage: noUsage,
  run: async (context, { organisation, limit, cursor: after = null }) => {
    const { organisations, people } = context.tenants;
    const { id } = await organisationFor(context, organisation);
    const page = await pageBy(limit, (most) => organisations.members(id, { after, limit: most }));
    const members = await Promise.all(page.items.map(async (one) => showMember(one, await people.find(one.principal))));
    return { members, cursor: page.cursor };
  },
});
