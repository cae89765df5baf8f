import { z } from "zod";
import { defineOperation, noUsage } from "../../operation.ts";
import { showSpace, space } from "../../schemas/space.ts";

export const listSpaces = defineOperation({
  name: "spaces.list",
  summary: "List spaces",
  description: "The spaces you may use, by name.",
  input: z.object({}),
  output: z.object({ spaces: z.array(space) }),
  permission: "spaces:read",
  audit: "read",
  usage: noUsage,
  run: async (context) => {
    const records = await context.directory.list();
    const allowed = await Promise.all(
      records.map((record) =>
        context.space(record.id).then(
          () => true,
          () => false,
        ),
      ),
    );
    return { spaces: records.filter((_, index) => allowed[index] === true).map(showSpace) };
  },
});
