import { z } from "zod";
import { defineOperation, noUsage } from "../../operation.ts";
import { showSpace, space, spaceDescription, spaceName, spaceReference, spaceRerank, spaceVisibility } from "../../schemas/space.ts";

export const updateSpace = defineOperation({
  name: "spaces.update",
  summary: "Rename or describe a space, set who reaches it and how it is recalled from",
  description: "Sets what is given and leaves the rest. The default space keeps its name.",
  input: z.object({
    space: spaceReference,
    name: spaceName.optional(),
    description: spaceDescription.nullish(),
    rerank: spaceRerank.nullish(),
    visibility: spaceVisibility.optional(),
  }),
  output: space,
  permission: "spaces:manage",
  audit: "administrate",
  usage: noUsage,
  run: async (context, input) => {
    const id = await context.space(input.space);
    const { principal } = context.caller.identity;
    const change = {
      ...(input.name === undefined ? {} : { name: input.name }),
      ...(input.description === undefined ? {} : { description: input.description }),
      ...(input.rerank === undefined ? {} : { rerank: input.rerank }),
      ...(input.visibility === undefined ? {} : { visibility: input.visibility }),
      // Whoever makes a space private keeps it.
      ...(input.visibility === "private" ? { owner: principal } : {}),
    };
    return showSpace(await context.directory.update(id, change, context.note));
  },
});
