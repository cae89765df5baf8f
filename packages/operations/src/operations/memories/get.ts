import { z } from "zod";
import { unknownMemory } from "../../not-found.ts";
import { defineOperation, noUsage } from "../../operation.ts";
import { id } from "../../schemas/common.ts";
import { memory, showMemory } from "../../schemas/memory.ts";
import { inSpace } from "../../schemas/space.ts";

export const getMemory = defineOperation({
  name: "memories.get",
  summary: "Read one memory",
  description: "The memory with this id, with all its fields.",
  input: z.object({ id: id(), ...inSpace }),
  output: memory,
  permission: "memories:read",
  audit: "read",
  usage: noUsage,
  run: async (context, input) => {
    const found = await context.engine.read(await context.space(input.space)).get(input.id);
    if (found === null) throw unknownMemory();
    return showMemory(found);
  },
});
