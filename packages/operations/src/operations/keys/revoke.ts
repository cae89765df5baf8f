import { z } from "zod";
import { visibleKey } from "../../keys/visible-key.ts";
import { defineOperation, noUsage } from "../../operation.ts";
import { key, keyId, showKey } from "../../schemas/key.ts";

export const revokeKey = defineOperation({
  name: "keys.revoke",
  summary: "Revoke an API key",
  description: "Ends a key for good, within a second on every server. Again: harmless. A key may revoke itself.",
  input: z.object({ id: keyId }),
  output: key,
  permission: "keys:manage",
  audit: "administrate",
  usage: noUsage,
  subjects: ({ id }) => [id],
  run: async (context, { id }) => {
    const { organisation, tenants, note } = context;
    const { id: known } = await visibleKey(context, id);
    return showKey(await tenants.keys.revoke(organisation, known, note), context.clock());
  },
});
