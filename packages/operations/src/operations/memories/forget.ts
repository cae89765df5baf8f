import { z } from "zod";
import { actorOf } from "../../actor.ts";
import { defineOperation, noUsage } from "../../operation.ts";
import { booleanOr, id, present } from "../../schemas/common.ts";
import { expectedVersion } from "../../schemas/fields.ts";
import { inSpace } from "../../schemas/space.ts";

export const forget = defineOperation({
  name: "memories.forget",
  summary: "Forget a memory",
  description:
    "Deletes a memory. It can be restored for a while; with `purge` its content is erased at once, from history too, " +
    "and nothing brings it back.",
  input: z.object({
    id: id(),
    purge: booleanOr("purge", false, "Erase it for good, its history included."),
    expectedVersion: expectedVersion.nullish(),
    ...inSpace,
  }),
  output: z.object({ success: z.boolean(), memoryId: z.string() }),
  permission: "memories:write",
  audit: "write",
  usage: noUsage,
  run: async (context, input) => {
    const writer = context.engine.write(await context.space(input.space), actorOf(context.caller));
    await writer.forget(input.id, { purge: input.purge, ...present({ expectedVersion: input.expectedVersion }) });
    return { success: true, memoryId: input.id };
  },
});
