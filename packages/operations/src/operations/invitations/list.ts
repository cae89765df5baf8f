import { z } from "zod";
import { defineOperation, noUsage } from "../../operation.ts";
import { organisationFor } from "../../organisation-access.ts";
import { pageBy } from "../../pages.ts";
import { cursor, nextCursor, wholeOr } from "../../schemas/common.ts";
import { invitation, showInvitation } from "../../schemas/member.ts";
import { inOrganisation } from "../../schemas/organisation.ts";

export const listInvitations = defineOperation({
  name: "invitations.list",
  summary: "List invitations to your organisation",
  description: "Who was invited, and what became of it, oldest first; until ninety days after they ran out.",
  input: z.object({ ...inOrganisation, limit: wholeOr("limit", 1, 200, 50), cursor: cursor.nullish() }),
  output: z.object({ invitations: z.array(invitation), cursor: nextCursor }),
  permission: "members:manage",
  audit: "read",
  usage: noUsage,
  run: async (context, { organisation, limit, cursor: after = null }) => {
    const { organisations } = context.tenants;
    const { id } = await organisationFor(context, organisation);
    const page = await pageBy(limit, (most) => organisations.invitations(id, { after, limit: most }));
    return { invitations: page.items.map(showInvitation), cursor: page.cursor };
  },
});
