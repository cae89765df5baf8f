/** Any memory that could have been stored, for round trips of the export formats. */
import fc from "fast-check";
import { maxMillis, minMillis } from "@cairn/kernel/clock";
import { categories, type Decay, decayMillis, type JsonValue, sourceTypes, trustLevels } from "../memory/memory.ts";
import type { BundledMemory } from "./memory-json.ts";

const text = fc.string({ unit: "grapheme", maxLength: 30 });
const filled = text.filter((value) => value.trim() !== "");
const orNull = <Value>(arbitrary: fc.Arbitrary<Value>) => fc.option(arbitrary);
const time = fc.integer({ min: minMillis, max: maxMillis });
const share = fc.double({ min: 0, max: 1, noNaN: true }).map((value) => value + 0);
const json = fc.jsonValue({ maxDepth: 2 }).map((value) => JSON.parse(JSON.stringify(value)) as JsonValue);

export const arbitraryMemory: fc.Arbitrary<BundledMemory> = fc.record({
  id: fc.uuid({ version: 7 }),
  space: text,
  content: filled,
  key: orNull(text),
  category: orNull(fc.constantFrom(...categories)),
  entity: orNull(text),
  tags: fc.array(text, { maxLength: 4 }),
  metadata: orNull(fc.dictionary(text, json, { maxKeys: 3 })),
  context: orNull(text),
  author: orNull(text),
  sessionId: orNull(text),
  sessionSeq: orNull(fc.nat()),
  sourceInstance: text,
  sourceType: fc.constantFrom(...sourceTypes),
  sourceUri: orNull(text),
  trust: fc.constantFrom(...trustLevels),
  importance: orNull(share),
  confidence: share,
  occurredAt: orNull(time),
  validFrom: orNull(time),
  validUntil: orNull(time),
  expiresAt: orNull(time),
  decay: orNull(fc.constantFrom(...(Object.keys(decayMillis) as Decay[]))),
  version: fc.nat(),
  supersedes: orNull(fc.uuid()),
  supersededBy: orNull(fc.uuid()),
  createdAt: time,
  createdBy: text,
  updatedAt: time,
  updatedBy: text,
});
