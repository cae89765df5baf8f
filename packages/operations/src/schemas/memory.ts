/** A memory as every interface shows it. */
import { toRfc3339 } from "@cairn/kernel/clock";
import {
  categories,
  decayMillis,
  sourceTypes,
  trustLevels,
  type Decay,
  type Memory,
  type Quarantine,
} from "@cairn/memory/memory/memory";
import { z } from "zod";
import { showInstant, shownInstant } from "./instant.ts";
import { shownMetadata } from "./metadata.ts";

const time = (describe: string) => shownInstant(describe).nullable();

export const memory = z.object({
  id: z.string(),
  space: z.string().meta({ description: "The id of its space." }),
  content: z.string(),
  key: z.string().nullable(),
  category: z.enum(categories).nullable(),
  entity: z.string().nullable(),
  tags: z.array(z.string()),
  metadata: shownMetadata.nullable(),
  context: z.string().nullable(),
  author: z.string().nullable(),
  sessionId: z.string().nullable(),
  sessionSeq: z.number().nullable(),
  sourceInstance: z.string(),
  sourceType: z.enum(sourceTypes),
  sourceUri: z.string().nullable(),
  trust: z.enum(trustLevels),
  importance: z.number().nullable(),
  confidence: z.number(),
  occurredAt: time("When it happened or was said."),
  validFrom: time("From when on it holds."),
  validUntil: time("Until when it holds."),
  expiresAt: time("When it is forgotten."),
  decay: z.enum(Object.keys(decayMillis) as [Decay, ...Decay[]]).nullable(),
  version: z.int(),
  supersedes: z.string().nullable(),
  supersededBy: z.string().nullable(),
  createdAt: shownInstant("When it was stored."),
  createdBy: z.string(),
  updatedAt: shownInstant("When it last changed."),
  updatedBy: z.string(),
  quarantined: z
    .object({ reason: z.string(), since: shownInstant("When it was held back.") })
    .nullable()
    .meta({ description: "Held back from recall: a text from outside that reads like an instruction to a model." }),
});
export type ShownMemory = z.output<typeof memory>;

/** Which fields of a memory are times: milliseconds inside, RFC 3339 outside. */
export const timeFields: ReadonlySet<string> = new Set([
  "occurredAt",
  "validFrom",
  "validUntil",
  "expiresAt",
  "createdAt",
  "updatedAt",
]);

export const showQuarantine = (given: Quarantine | null): ShownMemory["quarantined"] =>
  given === null ? null : { reason: given.reason, since: toRfc3339(given.since) };

export const showMemory = (given: Memory): ShownMemory => ({
  id: given.id,
  space: given.space,
  content: given.content,
  key: given.key,
  category: given.category,
  entity: given.entity,
  tags: [...given.tags],
  metadata: given.metadata,
  context: given.context,
  author: given.author,
  sessionId: given.sessionId,
  sessionSeq: given.sessionSeq,
  sourceInstance: given.sourceInstance,
  sourceType: given.sourceType,
  sourceUri: given.sourceUri,
  trust: given.trust,
  importance: given.importance,
  confidence: given.confidence,
  occurredAt: showInstant(given.occurredAt),
  validFrom: showInstant(given.validFrom),
  validUntil: showInstant(given.validUntil),
  expiresAt: showInstant(given.expiresAt),
  decay: given.decay,
  version: given.version,
  supersedes: given.supersedes,
  supersededBy: given.supersededBy,
  createdAt: toRfc3339(given.createdAt),
  createdBy: given.createdBy,
  updatedAt: toRfc3339(given.updatedAt),
  updatedBy: given.updatedBy,
  quarantined: showQuarantine(given.quarantined),
});
