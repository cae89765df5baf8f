import { CairnError } from "@cairn/kernel/error";
import { z } from "zod";
import { defineOperation, noUsage } from "../../operation.ts";
import { ownSpace } from "../../own-space.ts";
import { scopesOfProvider } from "../../provider-bounds.ts";
import { issuer, provider, providerFields, requireRoles, showProvider } from "../../schemas/provider.ts";

export const createProvider = defineOperation({
  name: "providers.create",
  summary: "Believe the tokens of your own identity provider",
  description:
    "From then on a token (JWT) of this issuer for this audience is a sign-in to your organisation, as `external:<provider>:<subject>`, with the role that its claims give. The pair of issuer and audience is unique on this server.",
  input: z.object({
    issuer,
    audience: providerFields.audience,
    jwksUri: providerFields.jwksUri,
    algorithms: providerFields.algorithms.default(["RS256"]),
    subjectClaim: providerFields.subjectClaim.default("sub"),
    roleClaim: providerFields.roleClaim.nullish(),
    roles: providerFields.roles.default([]),
    defaultRole: providerFields.defaultRole.nullish(),
    scopes: providerFields.scopes.nullish(),
    space: providerFields.space.nullish(),
    instanceClaim: providerFields.instanceClaim.nullish(),
  }),
  output: provider,
  permission: "organisation:manage",
  audit: "administrate",
  usage: noUsage,
  run: async (context, input) => {
    const given = {
      ...input,
      organisation: context.organisation,
      roleClaim: input.roleClaim ?? null,
      defaultRole: input.defaultRole ?? null,
      scopes: scopesOfProvider(context.caller.identity, input.scopes ?? null),
      instanceClaim: input.instanceClaim ?? null,
      createdBy: context.caller.identity.principal,
    };
    requireRoles(given);
    if (input.issuer === context.tokenIssuer?.issuer)
      throw new CairnError("request.invalid", "This is the issuer of the tokens that this server makes itself.");
    const space = input.space === null || input.space === undefined ? null : await ownSpace(context, input.space);
    return showProvider(await context.tenants.tokens.providers.create({ ...given, space }, context.note));
  },
});
