import { z } from "zod";
import { actorOf } from "../../actor.ts";
import { defineOperation, noUsage } from "../../operation.ts";
import { id } from "../../schemas/common.ts";
import { expectedVersion } from "../../schemas/fields.ts";
import { memory, showMemory } from "../../schemas/memory.ts";
import { inSpace } from "../../schemas/space.ts";

export const release = defineOperation({
  name: "memories.release",
  summary: "Release what was held back",
  description:
    "Lets recall find a memory that was held back because it comes from a document or the web and reads like an " +
    "instruction to a model. Read it first. History tells who released it; a memory that is not held back stays as it is.",
  input: z.object({ id: id(), expectedVersion: expectedVersion.nullish(), ...inSpace }),
  output: memory,
  permission: "memories:write",
  audit: "write",
  usage: noUsage,
  run: async (context, input) => {
    const writer = context.engine.write(await context.space(input.space), actorOf(context));
    return showMemory(await writer.release(input.id, input.expectedVersion ?? undefined));
  },
});
