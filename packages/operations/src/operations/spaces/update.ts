import { z } from "zod";
import { defineOperation, noUsage } from "../../operation.ts";
import { showSpace, space, spaceDescription, spaceName, spaceReference } from "../../schemas/space.ts";

export const updateSpace = defineOperation({
  name: "spaces.update",
  summary: "Rename or describe a space",
  description: "Sets the name, the description, or both. The default space keeps its name.",
  input: z.object({ space: spaceReference, name: spaceName.optional(), description: spaceDescription.nullish() }),
  output: space,
  permission: "spaces:manage",
  audit: "administrate",
  usage: noUsage,
  run: async (context, input) => {
    const id = await context.space(input.space);
    const change = {
      ...(input.name === undefined ? {} : { name: input.name }),
      ...(input.description === undefined ? {} : { description: input.description }),
    };
    return showSpace(await context.directory.update(id, change));
  },
});
