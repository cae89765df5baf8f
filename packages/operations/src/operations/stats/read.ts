import { z } from "zod";
import { defineOperation, noUsage } from "../../operation.ts";
import { inSpace } from "../../schemas/space.ts";

const counts = z.record(z.string(), z.int());

export const readStats = defineOperation({
  name: "stats.read",
  summary: "Count what is remembered",
  description: "How many memories a space has, by source, tag, agent and category, and what else it holds.",
  input: z.object(inSpace),
  output: z.object({
    totalMemories: z.int(),
    bySourceType: counts,
    byTag: counts,
    byInstance: counts,
    byCategory: counts,
    corrections: z.int(),
    quarantined: z.int().meta({ description: "How many of the memories are held back from recall." }),
    sessions: z.int(),
    sessionChunks: z.int(),
    entities: z.int(),
    changes: z.int(),
    bytes: z.int().meta({ description: "What the space takes on disk." }),
    instanceId: z.string(),
    space: z.string(),
  }),
  permission: "memories:read",
  audit: "read",
  usage: noUsage,
  run: async (context, input) => {
    const space = await context.space(input.space);
    const { memories, ...rest } = await context.engine.read(space).stats();
    return { totalMemories: memories, ...rest, instanceId: context.settings.instance, space };
  },
});
