import type { PassageText } from "@cairn/memory/embedding/embedder";
import { z } from "zod";
import { actorOf } from "../../actor.ts";
import type { CallContext } from "../../context.ts";
import { embedderFor } from "../../embedding.ts";
import { defineOperation } from "../../operation.ts";
import { booleanOr, id, present } from "../../schemas/common.ts";
import { expectedVersion } from "../../schemas/fields.ts";
import { inSpace } from "../../schemas/space.ts";

/** What embedders may have kept of a memory that is to be erased. */
const everyVersion = async (context: CallContext, space: string, memoryId: string): Promise<readonly PassageText[]> => {
  const versions = await context.engine.read(space).history(memoryId);
  return versions.map(({ memory: { content, author, occurredAt } }) => ({ content, author, occurredAt }));
};

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
  permission: "memories:delete",
  audit: "write",
  // What is purged may have been deleted before.
  usage: ({ purge }) => ({ memories: purge ? 0 : -1 }),
  run: async (context, input) => {
    const space = await context.space(input.space);
    const forgotten = input.purge ? await everyVersion(context, space, input.id) : [];
    const writer = context.engine.write(space, actorOf(context));
    await writer.forget(input.id, { purge: input.purge, ...present({ expectedVersion: input.expectedVersion }) });
    if (forgotten.length > 0) (await embedderFor(context, space))?.forget?.(forgotten);
    return { success: true, memoryId: input.id };
  },
});
