import { z } from "zod";
import { defineOperation } from "../../operation.ts";
import { wholeOr } from "../../schemas/common.ts";
import { entityName } from "../../schemas/entity.ts";
import { memory, showMemory } from "../../schemas/memory.ts";
import { inSpace } from "../../schemas/space.ts";

export const entityMemories = defineOperation({
  name: "entities.memories",
  summary: "Recall what names an entity",
  description:
    "Memories that name the entity or one within some hops of it, the nearest first; none when nobody named it.",
  input: z.object({
    name: entityName,
    hops: wholeOr("hops", 1, 10, 1),
    limit: wholeOr("limit", 1, 200, 10),
    ...inSpace,
  }),
  output: z.object({ results: z.array(memory), entity: z.string(), hops: z.int(), count: z.int() }),
  permission: "memories:read",
  audit: "read",
  usage: () => ({ queries: 1 }),
  expects: ({ limit }) => ({ queries: 1, results: limit }),
  run: async (context, input) => {
    const { name, hops, limit } = input;
    const found = await context.engine.read(await context.space(input.space)).entityMemories(name, hops, limit);
    return { results: found.map(showMemory), entity: name, hops, count: found.length };
  },
});
