import { toRfc3339 } from "@cairn/kernel/clock";
import { z } from "zod";
import { defineOperation, noUsage } from "../../operation.ts";
import { booleanOr } from "../../schemas/common.ts";
import { signingKey } from "../../schemas/token.ts";
import { issuerOf } from "../../token-issuer.ts";

export const rotateTokenKeys = defineOperation({
  name: "tokens.rotate_keys",
  summary: "Replace the key that signs tokens",
  description:
    "Makes a new key, which signs tokens as soon as everyone can have read it; those signed before stay good until they end. Where a key has leaked, revoke: the new one signs at once, and every token from before is refused.",
  input: z.object({
    revoke: booleanOr("revoke", false, "Whether the keys before, and every token signed with them, end at once."),
  }),
  output: signingKey,
  permission: "server:manage",
  audit: "administrate",
  usage: noUsage,
  run: async (context, { revoke }) => {
    const { id, signsFrom } = await issuerOf(context).rotateKeys(revoke, context.note);
    return { id, signsFrom: toRfc3339(signsFrom) };
  },
});
