import { z } from "zod";
import { defineOperation, noUsage } from "../../operation.ts";
import { provider, providerId, showProvider } from "../../schemas/provider.ts";

export const getProvider = defineOperation({
  name: "providers.get",
  summary: "Read one identity provider",
  description: "An identity provider of the organisation by its id.",
  input: z.object({ id: providerId }),
  output: provider,
  permission: "organisation:manage",
  audit: "read",
  usage: noUsage,
  run: async ({ tenants, organisation }, { id }) => showProvider(await tenants.tokens.providers.get(organisation, id)),
});
