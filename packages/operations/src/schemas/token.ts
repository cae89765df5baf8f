/** Tokens in requests and answers (TEN-3). */
import { scopes } from "@cairn/memory/permission/permission";
import { z } from "zod";
import { shownInstant } from "./instant.ts";

const scope = z.enum(scopes as [string, ...string[]], `a scope must be one of ${scopes.join(", ")}`);

/** Each once, in the order of the list of all. */
export const scopeList = z
  .array(scope, "scopes must be a list of texts")
  .min(1, "scopes must name at least one")
  .max(100, "scopes must be at most 100")
  .transform((given) => scopes.filter((one) => given.includes(one)));

export const token = z.object({
  token: z.string().meta({ description: "To be sent as `Authorization: Bearer …`; it cannot be shown again." }),
  tokenType: z.literal("Bearer"),
  expiresAt: shownInstant("When it ends."),
  scopes: z.array(z.string()).meta({ description: "What it may be used for." }),
  space: z.string().nullable().meta({ description: "The id of the only space that it reaches; null: all of yours." }),
});

export const signingKey = z.object({
  id: z.string().meta({ description: "Its `kid`." }),
  signsFrom: shownInstant("From when on tokens are signed with it; it is published until then."),
});
