import { limits } from "@cairn/memory/memory/memory";
import type { EntityNode } from "@cairn/memory/space/engine";
import { z } from "zod";
import { text } from "./text.ts";

export const entityName = text({
  name: "name",
  max: limits.nameCharacters,
  trim: true,
  describe: "The entity's name or an alias of it, in any case.",
});

export const entityFields = {
  name: z.string(),
  type: z.string(),
  aliases: z.array(z.string()),
  mentions: z.int().meta({ description: "How many memories name it." }),
} as const;

const entityNode = z.object(entityFields);

export const showEntity = ({ name, type, aliases, mentions }: EntityNode): z.output<typeof entityNode> => ({
  name,
  type,
  aliases: [...aliases],
  mentions,
});
