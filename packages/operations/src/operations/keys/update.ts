import type { KeyRecord } from "@cairn/directory/keys/key-directory";
import { CairnError } from "@cairn/kernel/error";
import { z } from "zod";
import type { CallContext } from "../../context.ts";
import { addressesWithin, keyBoundsOf, requireWithin } from "../../keys/key-bounds.ts";
import { requireReplaceable, visibleKey } from "../../keys/visible-key.ts";
import { defineOperation, noUsage } from "../../operation.ts";
import { instant } from "../../schemas/instant.ts";
import { key, keyAddresses, keyId, keyLabel, showKey } from "../../schemas/key.ts";

/** Whoever sees a key may narrow it; letting it be used from elsewhere is as good as having it. */
const addressesFor = async (
  context: CallContext,
  before: KeyRecord,
  wanted: readonly string[] | null,
): Promise<readonly string[] | null> => {
  const bounds = await keyBoundsOf(context);
  const now = before.addresses;
  const isNarrower = now === null || (wanted !== null && wanted.every((block) => now.includes(block)));
  if (!isNarrower) {
    requireReplaceable(context.caller.identity, before);
    requireWithin(bounds, before);
  }
  return addressesWithin(bounds, wanted);
};

export const updateKey = defineOperation({
  name: "keys.update",
  summary: "Change an API key: its label, its addresses, its end",
  description:
    "Sets what is given and leaves the rest. A key can be given an earlier end, never a later one, and no other scopes: make a new key for that.",
  input: z.object({
    id: keyId,
    label: keyLabel.optional(),
    addresses: keyAddresses.nullable().optional().meta({
      description: "Network addresses or CIDR blocks that it may be used from; null: anywhere.",
    }),
    expiresAt: instant("expires_at", "When it stops working; earlier than now set").optional(),
  }),
  output: key,
  permission: "keys:manage",
  audit: "administrate",
  usage: noUsage,
  subjects: ({ id }) => [id],
  run: async (context, { id, label, addresses, expiresAt }) => {
    const { organisation, tenants, note } = context;
    const before = await visibleKey(context, id);
    const now = context.clock();
    if (expiresAt !== undefined && (expiresAt <= now || expiresAt > (before.expiresAt ?? expiresAt))) {
      throw new CairnError("request.invalid", "expires_at must be in the future, and earlier than the end set now.", {
        hint: "To end a key at once, revoke it; to let it work longer, make a new one.",
      });
    }
    const change = {
      ...(label === undefined ? {} : { label }),
      ...(addresses === undefined ? {} : { addresses: await addressesFor(context, before, addresses) }),
      ...(expiresAt === undefined ? {} : { expiresAt }),
    };
    return showKey(await tenants.keys.update(organisation, id, change, note), now);
  },
});
