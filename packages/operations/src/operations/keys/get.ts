import { z } from "zod";
import { visibleKey } from "../../keys/visible-key.ts";
import { defineOperation, noUsage } from "../../operation.ts";
import { key, keyId, showKey } from "../../schemas/key.ts";

export const getKey = defineOperation({
  name: "keys.get",
  summary: "Read one API key",
  description: "What is known of a key, by its id: never the key itself.",
  input: z.object({ id: keyId }),
  output: key,
  permission: "keys:manage",
  audit: "read",
  usage: noUsage,
  subjects: ({ id }) => [id],
  run: async (context, { id }) => showKey(await visibleKey(context, id), context.clock()),
});
