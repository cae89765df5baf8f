import { z } from "zod";
import { defineOperation, noUsage } from "../../operation.ts";
import { showSpace, space, spaceDescription, spaceName, spaceReference, spaceRerank } from "../../schemas/space.ts";

export const updateSpace = defineOperation({
  name: "spaces.update",
  summary: "Rename or describe a space, or set how it is recalled from",
  description: "Sets what is given and leaves the rest. The default space keeps its name.",
  input: z.object({
    space: spaceReference,
    name: spaceName.optional(),
    description: spaceDescription.nullish(),
    rerank: spaceRerank.nullish(),
  }),
  output: space,
  permission: "spaces:manage",
  audit: "administrate",
  usage: noUsage,
  run: async (context, input) => {
    const id = await context.space(input.space);
    const change = {
      ...(input.name === undefined ? {} : { name: input.name }),
      ...(input.description === undefined ? {} : { description: input.description }),
      ...(input.rerank === undefined ? {} : { rerank: input.rerank }),
    };
    return showSpace(await context.directory.update(id, change));
  },
});
