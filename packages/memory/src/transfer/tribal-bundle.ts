/**
 * TribalMemory's portable bundle, schema 1.0, read and written. Reading is strict about the envelope and patient
 * with entries: one bad entry is reported and left out, the others come in. Also understood is what its HTTP call
 * and its MCP tool answer, with the bundle inside.
 */
import { type Millis, toRfc3339 } from "@cairn/kernel/clock";
import { CairnError } from "@cairn/kernel/error";
import type { JsonObject, JsonValue } from "../memory/memory.ts";
import type { ImportDraft, ImportProblem } from "./draft.ts";
import { type BundledMemory, draftFromJson, isJsonObject } from "./memory-json.ts";

export interface TribalEmbedding {
  readonly modelName: string;
  readonly dimensions: number;
  readonly provider: string | null;
}

export interface TribalEntry {
  readonly draft: ImportDraft & { readonly id: string };
  /** As the bundle's model made it; `null` when it has none that fits the manifest. */
  readonly vector: readonly number[] | null;
}

export interface TribalBundle {
  /** `null` when the manifest does not say: vectors are then of no use. */
  readonly embedding: TribalEmbedding | null;
  readonly entries: readonly TribalEntry[];
  readonly problems: readonly ImportProblem[];
}

const refuse = (message: string, hint?: string): CairnError =>
  new CairnError("import.invalid", message, hint === undefined ? {} : { hint });

/** The bundle inside the answer of an export call, or the value itself. */
const unwrap = (value: unknown): JsonObject => {
  const inner = isJsonObject(value) && isJsonObject(value["bundle"]) ? value["bundle"] : value;
  if (!isJsonObject(inner)) throw refuse("A bundle is a JSON object with manifest and entries.");
  return inner;
};

const checkVersion = (manifest: JsonObject): void => {
  const version = manifest["schema_version"];
  const major = typeof version === "string" ? /^(\d+)(?:\.\d+)*$/.exec(version)?.[1] : undefined;
  if (major === undefined) throw refuse('The bundle\'s manifest has no schema_version such as "1.0".');
  if (major !== "1") {
    throw refuse(
      `The bundle has schema version ${major}.x; this Cairn reads 1.x.`,
      "Export it as 1.0, or update Cairn.",
    );
  }
};

const embeddingOf = (manifest: JsonObject): TribalEmbedding | null => {
  const embedding = manifest["embedding"];
  if (!isJsonObject(embedding)) return null;
  const { model_name: modelName, dimensions, provider } = embedding;
  if (typeof modelName !== "string" || typeof dimensions !== "number" || !Number.isInteger(dimensions)) return null;
  return { modelName, dimensions, provider: typeof provider === "string" ? provider : null };
};

/** What the bundle keeps outside of Cairn's fields goes to the metadata, and comes back from there. */
const relatedName = "related_to";

const readEntry = (
  value: unknown,
  index: number,
  embedding: TribalEmbedding | null,
  report: (problem: ImportProblem) => void,
): TribalEntry | null => {
  const where = `entries.${index}`;
  if (!isJsonObject(value)) {
    report({ where, id: null, message: "an object was expected." });
    return null;
  }
  const { embedding: numbers, [relatedName]: related, id, ...rest } = value as Record<string, JsonValue>;
  const name = typeof id === "string" ? id : null;
  const hasRelated = Array.isArray(related) && related.length > 0;
  const metadata = hasRelated ? { metadata: { [relatedName]: related } } : {};
  const reading = draftFromJson({ ...rest, ...metadata, ...(id === undefined ? {} : { id }) });
  if (!reading.ok || name === null || name.trim() === "") {
    const faults = reading.ok ? [{ field: "id", message: "id is missing." }] : reading.faults;
    for (const { field, message } of faults) report({ where: `${where}.${field}`, id: name, message });
    return null;
  }
  const draft = { ...reading.value, id: name };
  if (numbers === undefined || numbers === null || embedding === null) return { draft, vector: null };
  const fits =
    Array.isArray(numbers) &&
    numbers.length === embedding.dimensions &&
    numbers.every((number) => typeof number === "number" && Number.isFinite(number));
  if (fits) return { draft, vector: numbers as readonly number[] };
  const message = `the vector is not ${embedding.dimensions} numbers; the text was taken, the vector will be made anew.`;
  report({ where: `${where}.embedding`, id: name, message });
  return { draft, vector: null };
};

/** Reads a bundle from its JSON value. Throws "import.invalid" when it is none, or of another major version. */
export const readTribalBundle = (value: unknown): TribalBundle => {
  const bundle = unwrap(value);
  const { manifest, entries } = bundle;
  if (!isJsonObject(manifest)) throw refuse("The bundle has no manifest.");
  checkVersion(manifest);
  if (!Array.isArray(entries)) throw refuse("The bundle has no list of entries.");
  const problems: ImportProblem[] = [];
  const report = (problem: ImportProblem): void => void problems.push(problem);
  const embedding = embeddingOf(manifest);
  const read = entries.flatMap((entry: unknown, index) => readEntry(entry, index, embedding, report) ?? []);
  return { embedding, entries: read, problems };
};

/** Reads a bundle from its text. */
export const parseTribalBundle = (text: string): TribalBundle => {
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/^\ufeff/, ""));
  } catch {
    throw refuse("The bundle is not valid JSON: it may be cut off.", "Export it again and compare the sizes.");
  }
  return readTribalBundle(value);
};

/** Python before 3.11 does not read a "Z", so the offset is written out. */
const time = (at: Millis): string => toRfc3339(at).replace("Z", "+00:00");

/** The first part of a bundle; `exportedAt` in milliseconds. */
export const tribalManifest = (embedding: TribalEmbedding, memoryCount: number, exportedAt: Millis): JsonObject => ({
  schema_version: "1.0",
  embedding: {
    model_name: embedding.modelName,
    dimensions: embedding.dimensions,
    provider: embedding.provider,
    created_at: time(exportedAt),
  },
  memory_count: memoryCount,
  exported_at: time(exportedAt),
});

/** One memory as an entry, with its vector or without. */
export const tribalEntry = (memory: BundledMemory, vector: ArrayLike<number> | null): JsonObject => {
  const related = memory.metadata?.[relatedName];
  return {
    id: memory.id,
    content: memory.content,
    embedding: vector === null ? null : Array.from(vector),
    source_instance: memory.sourceInstance,
    source_type: memory.sourceType,
    created_at: time(memory.createdAt),
    updated_at: time(memory.updatedAt),
    tags: memory.tags,
    context: memory.context,
    confidence: memory.confidence,
    supersedes: memory.supersedes,
    related_to: Array.isArray(related) ? related : [],
  };
};

/** A whole bundle. `vectorOf` gives a memory's vector under the manifest's model. */
export const buildTribalBundle = (
  memories: readonly BundledMemory[],
  embedding: TribalEmbedding,
  vectorOf: (memory: BundledMemory) => ArrayLike<number> | null,
  exportedAt: Millis,
): JsonObject => ({
  manifest: tribalManifest(embedding, memories.length, exportedAt),
  entries: memories.map((memory) => tribalEntry(memory, vectorOf(memory))),
});
