import { z } from "zod";
import { absent } from "../../absent.ts";
import { requirePlan } from "../../known-plan.ts";
import { defineOperation, noUsage } from "../../operation.ts";
import { administratesServer, noteFor, organisationFor } from "../../organisation-access.ts";
import { refusalError } from "../../refusal.ts";
import {
  organisation,
  organisationName,
  organisationPlan,
  organisationReference,
  organisationSlug,
  organisationStatus,
  showOrganisation,
} from "../../schemas/organisation.ts";

export const updateOrganisation = defineOperation({
  name: "organisations.update",
  summary: "Rename an organisation, set its plan or suspend it",
  description:
    "Sets what is given and leaves the rest. Its admins choose name and slug; plan and status are set by administrators of the server.",
  input: z.object({
    id: organisationReference,
    name: organisationName.nullish(),
    slug: organisationSlug.nullish(),
    plan: organisationPlan.nullish(),
    status: organisationStatus.nullish(),
  }),
  output: organisation,
  permission: "organisation:manage",
  audit: "administrate",
  usage: noUsage,
  run: async (context, { id, name, slug, plan, status }) => {
    const { identity } = context.caller;
    if ((plan !== undefined || !absent(status)) && !administratesServer(identity))
      throw refusalError({ why: "server" });
    if (plan !== undefined) requirePlan(context, plan);
    const found = await organisationFor(context, id);
    const change = {
      ...(absent(name) ? {} : { name }),
      ...(absent(slug) ? {} : { slug }),
      ...(plan === undefined ? {} : { plan }),
      ...(absent(status) ? {} : { status }),
    };
    const changed = await context.tenants.organisations.update(found.id, change, noteFor(context, found.id));
    return showOrganisation(changed, found.id === identity.organisation ? identity.role : null);
  },
});
