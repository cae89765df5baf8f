import { z } from "zod";
import { defineOperation, noUsage } from "../../operation.ts";
import { provider, showProvider } from "../../schemas/provider.ts";

export const listProviders = defineOperation({
  name: "providers.list",
  summary: "List identity providers",
  description: "All identity providers of the organisation, the oldest first; there are twenty at most.",
  input: z.object({}),
  output: z.object({ providers: z.array(provider) }),
  permission: "organisation:manage",
  audit: "read",
  usage: noUsage,
  subjects: () => [],
  run: async ({ tenants, organisation }) => {
    const found = await tenants.tokens.providers.list(organisation);
    return { providers: found.map(showProvider) };
  },
});
