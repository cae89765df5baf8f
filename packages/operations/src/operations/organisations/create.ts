import { CairnError } from "@cairn/kernel/error";
import { z } from "zod";
import { absent } from "../../absent.ts";
import type { CallContext } from "../../context.ts";
import { requirePlan } from "../../known-plan.ts";
import { defineOperation, noUsage } from "../../operation.ts";
import { memberPrincipal } from "../../schemas/member.ts";
import {
  organisation,
  organisationName,
  organisationPlan,
  organisationSlug,
  showOrganisation,
} from "../../schemas/organisation.ts";

const requirePerson = async ({ tenants }: CallContext, principal: string): Promise<void> => {
  if (!principal.startsWith("user:") || (await tenants.people.find(principal)) !== null) return;
  throw new CairnError("user.not_found", "There is no such person.");
};

export const createOrganisation = defineOperation({
  name: "organisations.create",
  summary: "Make an organisation",
  description:
    "An organisation (tenant) has members, spaces and keys of its own, apart from all others. It begins with a space called default. For administrators of the server.",
  input: z.object({
    name: organisationName,
    slug: organisationSlug.nullish(),
    plan: organisationPlan.nullish(),
    admin: memberPrincipal.nullish().meta({ description: "Its first admin; absent: invite one." }),
  }),
  output: organisation,
  permission: "server:manage",
  audit: "administrate",
  usage: noUsage,
  run: async (context, { name, slug, plan = null, admin }) => {
    const { organisations } = context.tenants;
    const { principal } = context.caller.identity;
    requirePlan(context, plan);
    if (!absent(admin)) await requirePerson(context, admin);
    const made = await organisations.create(
      {
        name,
        plan,
        createdBy: principal,
        ...(absent(slug) ? {} : { slug }),
        ...(absent(admin) ? {} : { members: [{ principal: admin, role: "admin" }] }),
      },
      context.note,
    );
    try {
      await context.engine.create(made.defaultSpace);
    } catch (error) {
      // One whose space has no storage would be taken for empty.
      await organisations.remove(made.id).catch(() => undefined);
      throw error;
    }
    return showOrganisation(made, admin === principal ? "admin" : null);
  },
});
