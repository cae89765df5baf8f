import { toRfc3339 } from "@cairn/kernel/clock";
import { CairnError } from "@cairn/kernel/error";
import type { Identity } from "@cairn/memory/permission/identity";
import { agentScopes, type Scope } from "@cairn/memory/permission/permission";
import { z } from "zod";
import { defineOperation, noUsage } from "../../operation.ts";
import { wholeOr } from "../../schemas/common.ts";
import { spaceReference } from "../../schemas/space.ts";
import { scopeList, token } from "../../schemas/token.ts";
import { issuerOf } from "../../token-issuer.ts";

const second = 1_000;

/** A token for less than its maker may; where the maker may anything, what an agent needs unless more is asked for. */
const scopesFor = ({ scopes }: Identity, wanted: readonly Scope[] | null): readonly Scope[] => {
  if (scopes === null) return wanted ?? agentScopes;
  const beyond = wanted?.find((one) => !scopes.includes(one));
  if (beyond === undefined) return wanted ?? scopes;
  throw new CairnError("auth.scope_missing", `A token cannot be for more than what made it: that lacks ${beyond}.`);
};

const requireExchangeable = ({ credential, principal }: Identity): void => {
  const made = credential === "session" || credential === "key" || credential === "token";
  if (made && principal !== "local") return;
  throw new CairnError("auth.forbidden", "Tokens are made from a key, a sign-in or another token of ours.", {
    hint: "Call with a key as `Authorization: Bearer cairn_live_…`.",
  });
};

export const createToken = defineOperation({
  name: "tokens.create",
  summary: "Exchange a key or sign-in for a short-lived token",
  description:
    "A token (JWT) stands for you for a few minutes, for what you may do or for less. Give one to a program that should not hold your key. It ends early when its key is revoked or you leave the organisation; a token made from a token ends with it at the latest.",
  input: z.object({
    expiresIn: wholeOr("expires_in", 60, 3_600, 900).meta({ description: "Seconds until it ends." }),
    scopes: scopeList
      .nullish()
      .meta({ description: "What it may be used for; absent: what your key may be used for." }),
    space: spaceReference
      .nullish()
      .meta({ description: "The only space that it reaches, by id or name; absent: all that you reach." }),
  }),
  output: token,
  permission: "self:use",
  // It leaves nothing behind, and an answer that holds a credential must not be kept for an Idempotency-Key.
  audit: "read",
  usage: noUsage,
  run: async (context, input) => {
    const { identity } = context.caller;
    const issuer = issuerOf(context);
    requireExchangeable(identity);
    const scopes = scopesFor(identity, input.scopes ?? null);
    const wanted = input.space ?? null;
    const space = wanted === null ? identity.space : await context.space(wanted);
    const longest = Math.floor(context.clock() / second + input.expiresIn) * second;
    const expiresAt = Math.min(longest, identity.until ?? longest);
    const signed = await issuer.issue({
      principal: identity.principal,
      organisation: context.organisation,
      scopes,
      space,
      key: identity.key,
      instance: identity.instance,
      expiresAt,
    });
    return { token: signed, tokenType: "Bearer" as const, expiresAt: toRfc3339(expiresAt), scopes: [...scopes], space };
  },
});
