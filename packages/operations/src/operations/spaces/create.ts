import { z } from "zod";
import { defineOperation, noUsage } from "../../operation.ts";
import { requireOpening } from "../../space-visibility.ts";
import { showSpace, space, spaceDescription, spaceName, spaceRerank, spaceVisibility } from "../../schemas/space.ts";

export const createSpace = defineOperation({
  name: "spaces.create",
  summary: "Create a space",
  description:
    "A space is one shared memory, apart from all others. A private one is yours alone; only an admin makes a public one.",
  input: z.object({
    name: spaceName,
    description: spaceDescription.nullish(),
    rerank: spaceRerank.nullish(),
    visibility: spaceVisibility.nullish(),
  }),
  output: space,
  permission: "spaces:create",
  audit: "administrate",
  usage: noUsage,
  expects: () => ({ spaces: 1 }),
  run: async (context, input) => {
    const { name, description = null, rerank = null } = input;
    const { organisation, note, caller } = context;
    const visibility = input.visibility ?? "organisation";
    if (visibility === "public") requireOpening(caller.identity);
    const owner = visibility === "private" ? caller.identity.principal : null;
    const whose = { organisation, visibility, owner };
    const created = await context.directory.create({ ...whose, name, description, rerank }, note);
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
