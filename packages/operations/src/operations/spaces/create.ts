import { z } from "zod";
import { defineOperation, noUsage } from "../../operation.ts";
import { showSpace, space, spaceDescription, spaceName, spaceRerank } from "../../schemas/space.ts";

export const createSpace = defineOperation({
  name: "spaces.create",
  summary: "Create a space",
  description: "A space is one shared memory, apart from all others.",
  input: z.object({ name: spaceName, description: spaceDescription.nullish(), rerank: spaceRerank.nullish() }),
  output: space,
  permission: "spaces:manage",
  audit: "administrate",
  usage: noUsage,
  run: async (context, input) => {
    const { name, description = null, rerank = null } = input;
    const created = await context.directory.create({ name, description, rerank });
    try {
      await context.engine.create(created.id);
    } catch (error) {
      // A name without storage behind it would be taken for nothing.
      await context.directory.remove(created.id).catch(() => undefined);
      throw error;
    }
    return showSpace(created);
  },
});
