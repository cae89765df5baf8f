/**
 * A memory as one JSON object of an export file: wire names (snake_case), times in RFC 3339. Reading checks each
 * field's type and says which is wrong; what a field may hold beyond its type is checked where memories are stored.
 */
import { type Millis, toRfc3339 } from "@cairn/kernel/clock";
import {
  categories,
  type Decay,
  decayMillis,
  type JsonObject,
  type JsonValue,
  type Memory,
  type SourceType,
  sourceTypes,
  trustLevels,
} from "../memory/memory.ts";
import type { ImportDraft } from "./draft.ts";
import { importTime } from "./import-time.ts";

/** A memory in a file. Whether a text is held back is decided anew wherever it is stored, so no file says so. */
export type BundledMemory = Omit<Memory, "quarantined">;

/** The value, or `undefined` when it has the wrong type. */
type Reader<Value> = (value: unknown) => Value | undefined;

interface Field<Value> {
  readonly read: Reader<Value>;
  readonly expected: string;
}

export const isJsonObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const orNull = <Value>({ read, expected }: Field<Value>): Field<Value | null> => ({
  read: (value) => (value === null ? null : read(value)),
  expected: `${expected} or null`,
});
const oneOf = <Value extends string>(values: readonly Value[]): Field<Value> => ({
  read: (value) => values.find((one) => one === value),
  expected: `one of ${values.join(", ")}`,
});
const text: Field<string> = { read: (value) => (typeof value === "string" ? value : undefined), expected: "a text" };
const filled: Field<string> = {
  read: (value) => (typeof value === "string" && value.trim() !== "" ? value : undefined),
  expected: "a text that is not blank",
};
const texts: Field<readonly string[]> = {
  read: (value) => {
    if (value === null) return [];
    return Array.isArray(value) && value.every((item) => typeof item === "string") ? value : undefined;
  },
  expected: "a list of texts",
};
const share: Field<number> = {
  read: (value) => (typeof value === "number" && value >= 0 && value <= 1 ? value : undefined),
  expected: "a number from 0 to 1",
};
const whole: Field<number> = {
  read: (value) => (typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : undefined),
  expected: "a whole number",
};
const object: Field<JsonObject> = { read: (value) => (isJsonObject(value) ? value : undefined), expected: "an object" };
const time: Field<Millis> = { read: (value) => importTime(value) ?? undefined, expected: "a time in ISO 8601" };
const sourceType: Field<SourceType> = {
  read: (value) => (typeof value === "string" ? sourceTypeOf(value) : value === null ? "unknown" : undefined),
  expected: "a text",
};

/** TribalMemory's plugin writes `deliberate`; what neither product knows becomes `unknown`. */
export const sourceTypeOf = (name: string): SourceType =>
  name === "deliberate" ? "user_explicit" : (sourceTypes.find((one) => one === name) ?? "unknown");

const fields = {
  id: filled,
  space: text,
  content: filled,
  key: orNull(text),
  category: orNull(oneOf(categories)),
  entity: orNull(text),
  tags: texts,
  metadata: orNull(object),
  context: orNull(text),
  author: orNull(text),
  sessionId: orNull(text),
  sessionSeq: orNull(whole),
  sourceInstance: text,
  sourceType,
  sourceUri: orNull(text),
  trust: oneOf(trustLevels),
  importance: orNull(share),
  confidence: share,
  occurredAt: orNull(time),
  validFrom: orNull(time),
  validUntil: orNull(time),
  expiresAt: orNull(time),
  decay: orNull(oneOf(Object.keys(decayMillis) as readonly Decay[])),
  version: whole,
  supersedes: orNull(text),
  supersededBy: orNull(text),
  createdAt: time,
  createdBy: text,
  updatedAt: time,
  updatedBy: text,
} as const satisfies { readonly [Name in keyof BundledMemory]: Field<BundledMemory[Name]> };

type MemoryField = keyof typeof fields;
const names = Object.keys(fields) as readonly MemoryField[];
const times: ReadonlySet<MemoryField> = new Set<MemoryField>([
  "occurredAt",
  "validFrom",
  "validUntil",
  "expiresAt",
  "createdAt",
  "updatedAt",
]);
const notInDrafts: ReadonlySet<MemoryField> = new Set(["space", "supersededBy", "createdBy", "updatedBy"]);
const draftNames = names.filter((name) => !notInDrafts.has(name));

const snake = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
const wireNames: ReadonlySet<string> = new Set(names.map(snake));

/** What is wrong with one field. */
export interface FieldFault {
  readonly field: string;
  readonly message: string;
}

export type Reading<Value> =
  | {
      readonly ok: true;
      readonly value: Value;
      /** Fields that were not understood. */ readonly ignored: readonly string[];
    }
  | { readonly ok: false; readonly faults: readonly FieldFault[] };

const readFields = (source: JsonObject, wanted: readonly MemoryField[], required: ReadonlySet<MemoryField>) => {
  const found: Record<string, unknown> = {};
  const faults: FieldFault[] = [];
  for (const name of wanted) {
    const field = snake(name);
    const value = Object.hasOwn(source, field) ? source[field] : undefined;
    const { read, expected } = fields[name];
    const result = value === undefined ? undefined : read(value);
    if (result !== undefined) found[name] = result;
    else if (value !== undefined) faults.push({ field, message: `${field} should be ${expected}.` });
    else if (required.has(name)) faults.push({ field, message: `${field} is missing; it should be ${expected}.` });
  }
  return { found, faults, ignored: Object.keys(source).filter((field) => !wireNames.has(field)) };
};

/** Reads an object that holds at least `content`. Fields that only a stored memory has are passed over. */
export const draftFromJson = (source: JsonObject): Reading<ImportDraft> => {
  const { found, faults, ignored } = readFields(source, draftNames, new Set(["content"]));
  return faults.length > 0 ? { ok: false, faults } : { ok: true, value: found as unknown as ImportDraft, ignored };
};

/** Reads a whole memory, as `memoryToJson` writes it. */
export const memoryFromJson = (source: JsonObject): Reading<BundledMemory> => {
  const { found, faults, ignored } = readFields(source, names, new Set(names));
  return faults.length > 0 ? { ok: false, faults } : { ok: true, value: found as unknown as BundledMemory, ignored };
};

/** Every field of a memory under its wire name. */
export const memoryToJson = (memory: BundledMemory): JsonObject => {
  const pairs = names.map((name): readonly [string, JsonValue] => {
    const value = memory[name];
    return [snake(name), times.has(name) && typeof value === "number" ? toRfc3339(value) : value];
  });
  return Object.fromEntries(pairs);
};
