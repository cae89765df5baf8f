import { z } from "zod";
import { absent } from "../../absent.ts";
import { actorOf } from "../../actor.ts";
import { defineOperation } from "../../operation.ts";
import { id, whole } from "../../schemas/common.ts";
import { memory, showMemory } from "../../schemas/memory.ts";
import { inSpace } from "../../schemas/space.ts";

export const restoreMemory = defineOperation({
  name: "memories.restore",
  summary: "Bring a memory back",
  description: "Undoes a deletion, or with `version` writes the fields of that version as a new one.",
  input: z.object({
    id: id(),
    version: whole("version", 1, Number.MAX_SAFE_INTEGER)
      .nullish()
      .meta({ description: "Which version's fields to bring back." }),
    ...inSpace,
  }),
  output: memory,
  permission: "memories:write",
  audit: "write",
  usage: ({ version }) => ({ memories: absent(version) ? 1 : 0 }),
  expects: ({ version }) => ({ memories: absent(version) ? 1 : 0 }),
  run: async (context, input) => {
    const writer = context.engine.write(await context.space(input.space), actorOf(context));
    return showMemory(await writer.restore(input.id, input.version ?? undefined));
  },
});
