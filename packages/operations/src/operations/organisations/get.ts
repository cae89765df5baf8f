import { z } from "zod";
import { defineOperation, noUsage } from "../../operation.ts";
import { organisationFor } from "../../organisation-access.ts";
import { organisation, organisationReference, showOrganisation } from "../../schemas/organisation.ts";

export const getOrganisation = defineOperation({
  name: "organisations.get",
  summary: "Read your organisation",
  description: "The organisation that you act in, by its id or slug; administrators of the server may read any.",
  input: z.object({ id: organisationReference }),
  output: organisation,
  permission: "members:read",
  audit: "read",
  usage: noUsage,
  run: async (context, { id }) => {
    const found = await organisationFor(context, id);
    const { identity } = context.caller;
    return showOrganisation(found, found.id === identity.organisation ? identity.role : null);
  },
});
