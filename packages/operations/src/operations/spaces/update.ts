import { CairnError } from "@cairn/kernel/error";
import { z } from "zod";
import { defineOperation, noUsage } from "../../operation.ts";
import {
  showSpace,
  space,
  spaceDescription,
  spaceName,
  spaceReference,
  spaceRerank,
  spaceVisibility,
} from "../../schemas/space.ts";
import { isDefaultSpace, recordOf } from "../../space-record.ts";
import { visibilityChange } from "../../space-visibility.ts";

export const updateSpace = defineOperation({
  name: "spaces.update",
  summary: "Change a space: its name, who reaches it, how it recalls",
  description:
    "Sets what is given and leaves the rest. The default space keeps its name and stays the organisation's. Making a space public, or private, is for admins; whoever makes it private owns it.",
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
    const record = await recordOf(context, input.space);
    if (input.name !== undefined && isDefaultSpace(record) && !isDefaultSpace({ name: input.name }))
      throw new CairnError("request.invalid", "The default space cannot be renamed.");
    const { name, description, rerank, visibility } = input;
    const change = {
      ...(name === undefined ? {} : { name }),
      ...(description === undefined ? {} : { description }),
      ...(rerank === undefined ? {} : { rerank }),
      ...(visibility === undefined ? {} : visibilityChange(context.caller.identity, record, visibility)),
    };
    return showSpace(await context.directory.update(record.id, change, context.note));
  },
});
