import { z } from "zod";
import { absent } from "../../absent.ts";
import { defineOperation, noUsage } from "../../operation.ts";
import { organisationFor } from "../../organisation-access.ts";
import { readableSpaces } from "../../readable-spaces.ts";
import { inOrganisation } from "../../schemas/organisation.ts";
import { showSpace, space } from "../../schemas/space.ts";

export const listSpaces = defineOperation({
  name: "spaces.list",
  summary: "List spaces",
  description: "The spaces of your organisation that you may use, by name.",
  input: z.object({ ...inOrganisation }),
  output: z.object({ spaces: z.array(space) }),
  permission: "spaces:read",
  audit: "read",
  usage: noUsage,
  run: async (context, { organisation }) => {
    const id = absent(organisation) ? context.organisation : (await organisationFor(context, organisation)).id;
    return { spaces: (await readableSpaces(context, id)).map(showSpace) };
  },
});
