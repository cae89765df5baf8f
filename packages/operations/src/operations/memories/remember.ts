import { reviveError } from "@cairn/kernel/error";
import { z } from "zod";
import { absent } from "../../absent.ts";
import { actorOf } from "../../actor.ts";
import { embedForStorage } from "../../embedding.ts";
import { defineOperation } from "../../operation.ts";
import { remembered, showOutcome } from "../../schemas/remembered.ts";
import { inSpace } from "../../schemas/space.ts";
import { checkLifetime } from "../../schemas/fields.ts";
import { draftShape, fieldsOf } from "../../schemas/write.ts";

export const remember = defineOperation({
  name: "memories.remember",
  summary: "Remember something",
  description:
    "Stores a memory. It can be found as soon as this returns, and is on disk. The same text again is not stored: the " +
    "answer names the memory that has it. A memory with a `key` that exists is updated instead.",
  input: z.object({ ...draftShape, ...inSpace }).check(checkLifetime),
  output: remembered,
  permission: "memories:write",
  audit: "write",
  usage: (_input, output) => ({ memories: output.success ? 1 : 0, embeddings: 1 }),
  expects: () => ({ memories: 1, embeddings: 1 }),
  run: async (context, input) => {
    const space = await context.space(input.space);
    const fields = fieldsOf(input, context.clock);
    const { vectors, vectorModel } = await embedForStorage(context, space, [fields]);
    const [outcome] = await context.engine.write(space, actorOf(context)).remember(
      [
        {
          fields,
          vectors: vectors[0] ?? [],
          vectorModel,
          skipDedup: input.skipDedup ?? false,
          ...(absent(input.expectedVersion) ? {} : { expectedVersion: input.expectedVersion }),
        },
      ],
      false,
    );
    if (outcome === undefined) throw new Error("The engine gave no outcome for the memory.");
    if (outcome.status === "failed") throw reviveError(outcome.error);
    return showOutcome(outcome);
  },
});
