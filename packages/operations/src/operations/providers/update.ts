import { z } from "zod";
import { defineOperation, noUsage } from "../../operation.ts";
import { ownSpace } from "../../own-space.ts";
import { requireScopesOfOwn } from "../../provider-bounds.ts";
import { provider, providerFields, providerId, requireRoles, showProvider } from "../../schemas/provider.ts";

export const updateProvider = defineOperation({
  name: "providers.update",
  summary: "Change how tokens of an identity provider are believed",
  description:
    "Sets what is given and leaves the rest; null clears. The issuer stays: its people's names are its own, so another issuer is another provider.",
  input: z.object({
    id: providerId,
    audience: providerFields.audience.optional(),
    jwksUri: providerFields.jwksUri.optional(),
    algorithms: providerFields.algorithms.optional(),
    subjectClaim: providerFields.subjectClaim.optional(),
    roleClaim: providerFields.roleClaim.nullish(),
    roles: providerFields.roles.optional(),
    defaultRole: providerFields.defaultRole.nullish(),
    scopes: providerFields.scopes.optional(),
    space: providerFields.space.nullish(),
    instanceClaim: providerFields.instanceClaim.nullish(),
  }),
  output: provider,
  permission: "organisation:manage",
  audit: "administrate",
  usage: noUsage,
  run: async (context, { id, space, ...given }) => {
    const { providers } = context.tenants.tokens;
    const { organisation, note } = context;
    const set = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
    const next = { ...(await providers.get(organisation, id)), ...set };
    requireRoles(next);
    // Also where they stay: who names other keys for it makes its tokens.
    requireScopesOfOwn(context.caller.identity, next.scopes);
    const where = space === undefined ? {} : { space: space === null ? null : await ownSpace(context, space) };
    return showProvider(await providers.update(organisation, id, { ...set, ...where }, note));
  },
});
