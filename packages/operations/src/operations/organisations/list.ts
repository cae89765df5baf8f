import type { Organisation } from "@cairn/directory/organisations/organisation-directory";
import type { Role } from "@cairn/memory/permission/permission";
import { z } from "zod";
import { defineOperation, noUsage } from "../../operation.ts";
import { administratesServer } from "../../organisation-access.ts";
import type { CallContext } from "../../context.ts";
import { pageBy } from "../../pages.ts";
import { refusalError } from "../../refusal.ts";
import { booleanOr, cursor, nextCursor, wholeOr } from "../../schemas/common.ts";
import { organisation, showOrganisation } from "../../schemas/organisation.ts";

/** Roles by organisation, the one that the call acts in among them: keys and outside sign-ins are no members. */
const ownRoles = async ({ tenants, caller: { identity } }: CallContext): Promise<ReadonlyMap<string, Role>> => {
  const memberships = await tenants.organisations.membershipsOf(identity.principal);
  const roles = memberships.map(({ organisation: id, role }) => [id, role] as const);
  const { organisation: current, role } = identity;
  return new Map(current === null || role === null ? roles : [[current, role], ...roles]);
};

export const listOrganisations = defineOperation({
  name: "organisations.list",
  summary: "List your organisations",
  description:
    "The organisations that you belong to, with your role in each. Administrators of the server may ask for all, page by page.",
  input: z.object({
    all: booleanOr("all", false, "Every organisation of the server; for its administrators."),
    limit: wholeOr("limit", 1, 200, 50),
    cursor: cursor.nullish(),
  }),
  output: z.object({ organisations: z.array(organisation), cursor: nextCursor }),
  permission: "account:use",
  audit: "read",
  usage: noUsage,
  run: async (context, { all, limit, cursor: after = null }) => {
    const { organisations } = context.tenants;
    const roles = await ownRoles(context);
    const show = (found: Organisation) => showOrganisation(found, roles.get(found.id) ?? null);
    if (all) {
      if (!administratesServer(context.caller.identity)) throw refusalError({ why: "server" });
      const page = await pageBy(limit, (most) => organisations.page({ after, limit: most }));
      return { organisations: page.items.map(show), cursor: page.cursor };
    }
    const ids = [...roles.keys()].toSorted().filter((id) => after === null || id > after);
    const page = await pageBy(limit, async (most) => {
      const found = await Promise.all(ids.slice(0, most).map((id) => organisations.find(id)));
      return found.filter((one) => one !== null);
    });
    return { organisations: page.items.map(show), cursor: page.cursor };
  },
});
