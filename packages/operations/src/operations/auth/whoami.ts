import { z } from "zod";
import { roles } from "@cairn/memory/permission/permission";
import { defineOperation, noUsage } from "../../operation.ts";

export const whoami = defineOperation({
  name: "auth.whoami",
  summary: "Say who you are here",
  description: "Whom your key, token or sign-in stands for, in which organisation, and what it may be used for.",
  input: z.object({}),
  output: z.object({
    principal: z.string().meta({ description: "Recorded as the writer of what you store." }),
    credential: z.string().meta({ description: "How you showed it: key, token, session, …" }),
    organisation: z.string().nullable().meta({ description: "The id of the organisation that you act in." }),
    role: z.enum(roles).nullable(),
    scopes: z
      .array(z.string())
      .nullable()
      .meta({ description: "All that your credential may be used for; null: all that you may do." }),
    space: z.string().nullable().meta({ description: "The id of the only space that it reaches; null: all of yours." }),
    keyId: z.string().nullable().meta({ description: "The id of the key that you came with." }),
    instance: z.string().nullable().meta({ description: "The agent that it is bound to." }),
    administrator: z.boolean().meta({ description: "Whether you administer the server." }),
  }),
  permission: "self:use",
  audit: "read",
  usage: noUsage,
  subjects: () => [],
  run: async ({ caller: { identity } }) => ({
    principal: identity.principal,
    credential: identity.credential,
    organisation: identity.organisation,
    role: identity.role,
    scopes: identity.scopes === null ? null : [...identity.scopes],
    space: identity.space,
    keyId: identity.key,
    instance: identity.instance,
    administrator: identity.administrator,
  }),
});
