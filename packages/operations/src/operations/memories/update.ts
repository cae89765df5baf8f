import { isCairnError } from "@cairn/kernel/error";
import type { Memory, MemoryFields } from "@cairn/memory/memory/memory";
import type { MemoryUpdate } from "@cairn/memory/space/engine";
import { z } from "zod";
import { absent } from "../../absent.ts";
import { actorOf } from "../../actor.ts";
import type { CallContext } from "../../context.ts";
import { embedForStorage } from "../../embedding.ts";
import { unknownMemory } from "../../not-found.ts";
import { defineOperation } from "../../operation.ts";
import { parseInput } from "../../pipeline.ts";
import { id } from "../../schemas/common.ts";
import { checkLifetime, content, expectedVersion, optionalFields } from "../../schemas/fields.ts";
import { memory, showMemory } from "../../schemas/memory.ts";
import { mostTrustOfUri, weakest } from "../../schemas/provenance.ts";
import { inSpace } from "../../schemas/space.ts";
import { expiryOf } from "../../schemas/write.ts";

const input = z
  .object({
    id: id(),
    content: content.optional(),
    ...optionalFields,
    expectedVersion: expectedVersion.nullish(),
    ...inSpace,
  })
  .check(checkLifetime);
type Input = z.output<typeof input>;

const wholeLifetime = z
  .object({ validFrom: z.number().nullable(), validUntil: z.number().nullable() })
  .check(checkLifetime);

/** The new values that the request names; null empties a field. */
const changesOf = (current: Memory, given: Input, context: CallContext): Partial<MemoryFields> => {
  const {
    id: _id,
    space: _space,
    expectedVersion: _version,
    content,
    tags,
    confidence,
    trust,
    decay,
    expiresAt,
    ...plain
  } = given;
  const named = Object.fromEntries(
    Object.entries(plain).filter(([, value]) => value !== undefined),
  ) as Partial<MemoryFields>;
  const sourceUri = plain.sourceUri === undefined ? current.sourceUri : plain.sourceUri;
  // Trust only falls: raising it would let whoever may edit a memory vouch for where it came from.
  const lowered = weakest(current.trust, mostTrustOfUri(sourceUri), trust);
  return {
    ...named,
    ...(content === undefined ? {} : { content }),
    ...(tags === undefined ? {} : { tags: tags ?? [] }),
    ...(confidence === undefined ? {} : { confidence: confidence ?? 1 }),
    ...(lowered === current.trust ? {} : { trust: lowered }),
    ...(absent(decay) ? {} : { decay, expiresAt: expiryOf(decay, context.clock) }),
    ...(decay === null || expiresAt !== undefined ? { decay: null, expiresAt: expiresAt ?? null } : {}),
  };
};

const planUpdate = async (
  context: CallContext,
  space: string,
  current: Memory,
  given: Input,
): Promise<MemoryUpdate> => {
  const fields = changesOf(current, given, context);
  const after = { ...current, ...fields };
  parseInput(wholeLifetime, { validFrom: after.validFrom, validUntil: after.validUntil });
  const meansOther =
    after.content !== current.content || after.author !== current.author || after.occurredAt !== current.occurredAt;
  const plan = { id: given.id, fields, expectedVersion: given.expectedVersion ?? current.version };
  if (!meansOther) return plan;
  const { vectors, vectorModel } = await embedForStorage(context, space, [after]);
  return { ...plan, vectors: vectors[0] ?? [], vectorModel };
};

/** How often a change by someone else in between is met by looking again, when the caller named no version. */
const attempts = 5;

export const updateMemory = defineOperation({
  name: "memories.update",
  summary: "Change a memory",
  description:
    "Sets the fields that are named and leaves the rest; null empties a field. With `expected_version`, a memory that " +
    "has moved on is left alone and the answer is a conflict. Every version is kept.",
  input,
  output: memory,
  permission: "memories:write",
  audit: "write",
  usage: (given) => ({ embeddings: given.content === undefined ? 0 : 1 }),
  expects: (given) => ({ embeddings: given.content === undefined ? 0 : 1 }),
  run: async (context, given) => {
    const space = await context.space(given.space);
    for (let attempt = 1; ; attempt += 1) {
      const current = await context.engine.read(space).get(given.id);
      if (current === null) throw unknownMemory();
      try {
        const plan = await planUpdate(context, space, current, given);
        return showMemory(await context.engine.write(space, actorOf(context)).update(plan));
      } catch (error) {
        const raced = isCairnError(error) && error.code === "memory.version_conflict" && absent(given.expectedVersion);
        if (!raced || attempt === attempts) throw error;
      }
    }
  },
});
