import { z } from "zod";
import { defineOperation, noUsage } from "../../operation.ts";
import { cursor, nextCursor, present, wholeOr } from "../../schemas/common.ts";
import { clockFields, filterFields, filterOf } from "../../schemas/filter.ts";
import { memory, showMemory } from "../../schemas/memory.ts";
import { inSpace } from "../../schemas/space.ts";

export const listMemories = defineOperation({
  name: "memories.list",
  summary: "List memories",
  description:
    "Memories that pass the filters, newest first, page by page; with what is held back from recall, marked.",
  input: z.object({
    ...filterFields,
    ...clockFields,
    quarantined: z
      .boolean("quarantined must be true or false")
      .nullish()
      .meta({ description: "Only what is held back from recall, or only what is not; absent: both." }),
    limit: wholeOr("limit", 1, 200, 50),
    cursor: cursor.nullish(),
    order: z.enum(["newest", "oldest"], "order must be newest or oldest").nullish().meta({ default: "newest" }),
    ...inSpace,
  }),
  output: z.object({ memories: z.array(memory), cursor: nextCursor }),
  permission: "memories:read",
  audit: "read",
  usage: noUsage,
  run: async (context, input) => {
    const filter = filterOf(input, { now: input.now ?? context.clock(), timeZone: input.timeZone });
    // A model reads what is held back only where it asks for exactly that.
    const quarantined = input.quarantined ?? (context.caller.edge === "mcp" ? false : null);
    const paging = present({ cursor: input.cursor, order: input.order, quarantined });
    const reader = context.engine.read(await context.space(input.space));
    const page = await reader.list({ ...filter, ...paging, limit: input.limit });
    return { memories: page.items.map(showMemory), cursor: page.cursor };
  },
});
