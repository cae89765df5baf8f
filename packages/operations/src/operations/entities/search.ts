import { limits } from "@cairn/memory/memory/memory";
import { z } from "zod";
import { defineOperation, noUsage } from "../../operation.ts";
import { wholeOr } from "../../schemas/common.ts";
import { entityFields, showEntity } from "../../schemas/entity.ts";
import { inSpace } from "../../schemas/space.ts";
import { text } from "../../schemas/text.ts";

export const searchEntities = defineOperation({
  name: "entities.search",
  summary: "Find entities",
  description:
    "People, places, organisations, projects, services, files and more that memories name; the most named first.",
  input: z.object({
    q: text({
      name: "q",
      max: limits.nameCharacters,
      min: 0,
      trim: true,
      describe: "Part of a name; absent: all.",
    }).nullish(),
    limit: wholeOr("limit", 1, 200, 50),
    ...inSpace,
  }),
  output: z.object({ entities: z.array(z.object(entityFields)) }),
  permission: "memories:read",
  audit: "read",
  usage: noUsage,
  run: async (context, input) => {
    const reader = context.engine.read(await context.space(input.space));
    const entities = await reader.entities(input.q ?? "", input.limit);
    return { entities: entities.map(showEntity) };
  },
});
