import { z } from "zod";
import { issueKey } from "../../keys/issue-key.ts";
import { endWithin, keyBoundsOf, requireWithin } from "../../keys/key-bounds.ts";
import { requireReplaceable, visibleKey } from "../../keys/visible-key.ts";
import { defineOperation, noUsage } from "../../operation.ts";
import { wholeOr } from "../../schemas/common.ts";
import { checkEnd, givenEnd, keyEnd, keyId, newKey, showKey } from "../../schemas/key.ts";

const day = 86_400;

export const rotateKey = defineOperation({
  name: "keys.rotate",
  summary: "Replace an API key by a new one",
  description:
    "Answers a new key, once, that is as the old one in all but its secret. The old one works on until the grace is over, so that programs can change over without a gap. Where a key has leaked, rotate it with a grace of 0.",
  input: z
    .object({
      id: keyId,
      graceSeconds: wholeOr("grace_seconds", 0, 7 * day, day).meta({
        description: "How long the old key works on; 0: it ends at once.",
      }),
      ...keyEnd,
    })
    .check(checkEnd),
  output: newKey,
  permission: "keys:manage",
  audit: "administrate",
  usage: noUsage,
  confidential: true,
  subjects: (input, { id }) => [input.id, id],
  run: async (context, given) => {
    const { caller, organisation, note, tenants } = context;
    const old = await visibleKey(context, given.id);
    requireReplaceable(caller.identity, old);
    const bounds = await keyBoundsOf(context);
    // A key may be followed by one like itself, whatever its role has come to; a token of it may do less than it.
    const { credential, key: shown } = caller.identity;
    if (credential !== "key" || shown !== old.id) requireWithin(bounds, old);
    const now = context.clock();
    const { key, kept } = await issueKey(context, {
      organisation,
      owner: old.owner,
      role: old.role,
      space: old.space,
      label: old.label,
      scopes: old.scopes,
      instance: old.instance,
      addresses: old.addresses,
      replaces: old.id,
      createdBy: caller.identity.principal,
      expiresAt: endWithin(bounds, givenEnd(given, now) ?? old.expiresAt, now),
    });
    const graceUntil = now + 1_000 * given.graceSeconds;
    return { ...showKey(await tenants.keys.rotate(organisation, old.id, kept, graceUntil, note), now), key };
  },
});
