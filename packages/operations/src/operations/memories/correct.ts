import { limits, type MemoryFields } from "@cairn/memory/memory/memory";
import { z } from "zod";
import { absent } from "../../absent.ts";
import { actorOf } from "../../actor.ts";
import { embedForStorage } from "../../embedding.ts";
import { unknownMemory } from "../../not-found.ts";
import { defineOperation } from "../../operation.ts";
import { id } from "../../schemas/common.ts";
import { checkLifetime, optionalFields, optionalSourceType } from "../../schemas/fields.ts";
import { trustOf, weakest } from "../../schemas/provenance.ts";
import { remembered, showOutcome } from "../../schemas/remembered.ts";
import { inSpace } from "../../schemas/space.ts";
import { text } from "../../schemas/text.ts";
import { expiryOf } from "../../schemas/write.ts";

export const correct = defineOperation({
  name: "memories.correct",
  summary: "Correct a memory",
  description:
    "Stores the corrected text as a new memory that takes the place of the original, which no recall returns any more. " +
    "It stays in history and in recalls as of an earlier time. Fields that are not given are taken over.",
  input: z
    .object({
      originalId: id("original_id"),
      correctedContent: text({ name: "corrected_content", max: limits.contentCharacters, describe: "What is right." }),
      sourceType: optionalSourceType,
      ...optionalFields,
      ...inSpace,
    })
    .check(checkLifetime),
  output: remembered,
  permission: "memories:write",
  audit: "write",
  usage: () => ({ memories: 1, embeddings: 1 }),
  expects: () => ({ memories: 1, embeddings: 1 }),
  run: async (context, input) => {
    const { originalId, correctedContent: content, space: wanted, sourceType: asked, trust, decay, ...plain } = input;
    const space = await context.space(wanted);
    const original = await context.engine.read(space).get(originalId);
    if (original === null) throw unknownMemory();
    const sourceType = asked ?? "correction";
    const sourceUri = plain.sourceUri ?? original.sourceUri;
    const given = Object.fromEntries(
      Object.entries(plain).filter(([, value]) => !absent(value)),
    ) as Partial<MemoryFields>;
    const fields: Partial<MemoryFields> & Pick<MemoryFields, "content"> = {
      ...given,
      content,
      sourceType,
      // Correcting a text from the web does not make it a person's word, unless a person is who corrects it.
      trust: weakest(
        trustOf({ sourceType, sourceUri, asked: trust }),
        asked === "user_explicit" ? null : original.trust,
      ),
      ...(absent(decay) ? {} : { decay, expiresAt: expiryOf(decay, context.clock) }),
      ...(absent(plain.expiresAt) ? {} : { decay: null }),
    };
    const made = await embedForStorage(context, space, [{ ...original, ...fields }]);
    const memory = await context.engine
      .write(space, actorOf(context))
      .correct({ originalId, fields, vectors: made.vectors[0] ?? [], vectorModel: made.vectorModel });
    const { conflicts } = await context.engine.read(space).disputes(memory.id, context.clock());
    return showOutcome({ status: "stored", memory, conflicts });
  },
});
