import { z } from "zod";
import { defineOperation, noUsage } from "../../operation.ts";
import { providerId } from "../../schemas/provider.ts";

export const removeProvider = defineOperation({
  name: "providers.remove",
  summary: "Stop believing an identity provider",
  description: "Its tokens are refused from then on. What its people wrote stays.",
  input: z.object({ id: providerId }),
  output: z.object({ success: z.boolean(), id: z.string() }),
  permission: "organisation:manage",
  audit: "administrate",
  usage: noUsage,
  run: async ({ tenants, organisation, note }, { id }) => {
    await tenants.tokens.providers.remove(organisation, id, note);
    return { success: true, id };
  },
});
