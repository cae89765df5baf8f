/** From checked input to what an engine stores. */
import type { Clock } from "@cairn/kernel/clock";
import { decayMillis, type Decay, type MemoryFields } from "@cairn/memory/memory/memory";
import { z } from "zod";
import { checkLifetime, content, expectedVersion, optionalFields, optionalSourceType } from "./fields.ts";
import { trustOf } from "./provenance.ts";

const shape = {
  content,
  sourceType: optionalSourceType,
  ...optionalFields,
  skipDedup: z.boolean().nullish().meta({ description: "Store it even when the same text is there already." }),
  expectedVersion: expectedVersion.nullish(),
} as const;

/** One memory to remember. Unknown fields, `source_instance` among them, are dropped: the server decides (MEM-11). */
export const draft = z.object(shape).check(checkLifetime);
export const draftShape = shape;
export type Draft = z.output<typeof draft>;

/** The moment at which something with this decay, stored now, is forgotten; null for never. */
export const expiryOf = (decay: Decay, clock: Clock): number | null => {
  const life = decayMillis[decay];
  return life === null ? null : clock() + life;
};

export const fieldsOf = (given: Draft, clock: Clock): MemoryFields => {
  const sourceType = given.sourceType ?? "auto_capture";
  const sourceUri = given.sourceUri ?? null;
  const decay = given.decay ?? null;
  return {
    content: given.content,
    key: given.key ?? null,
    category: given.category ?? null,
    entity: given.entity ?? null,
    tags: given.tags ?? [],
    metadata: given.metadata ?? null,
    context: given.context ?? null,
    author: given.author ?? null,
    sessionId: given.sessionId ?? null,
    sessionSeq: given.sessionSeq ?? null,
    sourceType,
    sourceUri,
    trust: trustOf({ sourceType, sourceUri, asked: given.trust }),
    importance: given.importance ?? null,
    confidence: given.confidence ?? 1,
    occurredAt: given.occurredAt ?? null,
    validFrom: given.validFrom ?? null,
    validUntil: given.validUntil ?? null,
    expiresAt: decay === null ? (given.expiresAt ?? null) : expiryOf(decay, clock),
    decay,
  };
};
