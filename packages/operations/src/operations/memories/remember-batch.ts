import { limits } from "@cairn/memory/memory/memory";
import { z } from "zod";
import { absent } from "../../absent.ts";
import { actorOf } from "../../actor.ts";
import { embedForStorage } from "../../embedding.ts";
import { defineOperation } from "../../operation.ts";
import { booleanOr } from "../../schemas/common.ts";
import { remembered, showOutcome } from "../../schemas/remembered.ts";
import { inSpace } from "../../schemas/space.ts";
import { draft, fieldsOf } from "../../schemas/write.ts";

const size = (issue: { readonly input?: unknown }): string =>
  `memories must be 1 to ${limits.batch}; these are ${Array.isArray(issue.input) ? issue.input.length : 0}`;

export const rememberBatch = defineOperation({
  name: "memories.remember_batch",
  summary: "Remember many things at once",
  description:
    `Stores up to ${limits.batch} memories, each with its own outcome; with \`atomic\`, all of them or none. ` +
    "A duplicate is reported and stops nothing.",
  input: z.object({
    memories: z
      .array(z.unknown())
      .min(1, { error: size, abort: true })
      .max(limits.batch, { error: size, abort: true })
      .pipe(z.array(draft)),
    atomic: booleanOr("atomic", false, "All or nothing: one failure stores none of them."),
    ...inSpace,
  }),
  output: z.object({ results: z.array(remembered), total: z.int(), successful: z.int(), failed: z.int() }),
  permission: "memories:write",
  audit: "write",
  usage: (_input, output) => ({ memories: output.successful, embeddings: output.total }),
  run: async (context, input) => {
    const space = await context.space(input.space);
    const fields = input.memories.map((given) => fieldsOf(given, context.clock));
    const vectors = await embedForStorage(context.embedder, fields);
    const items = input.memories.map((given, index) => ({
      fields: fields[index] ?? fieldsOf(given, context.clock),
      vectors: vectors[index] ?? [],
      skipDedup: given.skipDedup ?? false,
      ...(absent(given.expectedVersion) ? {} : { expectedVersion: given.expectedVersion }),
    }));
    const outcomes = await context.engine.write(space, actorOf(context.caller)).remember(items, input.atomic);
    const results = outcomes.map(showOutcome);
    const successful = results.filter((result) => result.success).length;
    return { results, total: results.length, successful, failed: results.length - successful };
  },
});
