import { z } from "zod";
import { unknownMemory } from "../../not-found.ts";
import { defineOperation, noUsage } from "../../operation.ts";
import { id } from "../../schemas/common.ts";
import { memory, showMemory } from "../../schemas/memory.ts";
import { conflictIds, stale } from "../../schemas/recalled.ts";
import { inSpace } from "../../schemas/space.ts";

export const getMemory = defineOperation({
  name: "memories.get",
  summary: "Read one memory",
  description: "The memory with this id, with all its fields, and what says otherwise.",
  input: z.object({ id: id(), ...inSpace }),
  output: memory.extend({ conflicts: conflictIds, stale }),
  permission: "memories:read",
  audit: "read",
  usage: noUsage,
  run: async (context, input) => {
    const reader = context.engine.read(await context.space(input.space));
    const found = await reader.get(input.id);
    if (found === null) throw unknownMemory();
    const { conflicts, stale: isStale } = await reader.disputes(input.id, context.clock());
    return { ...showMemory(found), conflicts: [...conflicts], stale: isStale };
  },
});
