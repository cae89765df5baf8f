import { z } from "zod";
import { defineOperation, noUsage } from "../../operation.ts";
import { showSpace, space, spaceReference } from "../../schemas/space.ts";
import { recordOf } from "../../space-record.ts";

export const getSpace = defineOperation({
  name: "spaces.get",
  summary: "Read one space",
  description: "A space by its id or name.",
  input: z.object({ space: spaceReference }),
  output: space,
  permission: "spaces:read",
  audit: "read",
  usage: noUsage,
  run: async (context, input) => showSpace(await recordOf(context, input.space)),
});
