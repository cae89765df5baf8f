/**
 * Which memories are held back from recall until someone releases them (MEM-11): texts of documents and of the web,
 * trusted less than an agent, that read like an instruction. Everything that a model would be shown of a memory is
 * read, not its content alone.
 */
import type { Millis } from "@cairn/kernel/clock";
import { type JsonValue, type Memory, type MemoryFields, type Quarantine, trustLevels } from "../memory/memory.ts";
import { instructionIn } from "./instruction.ts";

type Told = Pick<
  MemoryFields,
  "content" | "context" | "key" | "entity" | "author" | "tags" | "metadata" | "sourceUri" | "trust"
>;

const textsOf = (value: JsonValue): readonly string[] => {
  if (typeof value === "string") return [value];
  if (typeof value !== "object" || value === null) return [];
  if (Array.isArray(value)) return value.flatMap((item: JsonValue) => textsOf(item));
  return Object.entries(value).flatMap(([name, inner]: readonly [string, JsonValue]) => [name, ...textsOf(inner)]);
};

const toldBy = ({ content, context, key, entity, author, tags, metadata, sourceUri }: Told): readonly string[] => {
  const beside = [context, key, entity, author, sourceUri, ...tags, ...textsOf(metadata ?? null)].filter(
    (text) => text !== null && text !== "",
  );
  return beside.length === 0 ? [content] : [content, beside.join("\n")];
};

const isExamined = (trust: MemoryFields["trust"]): boolean => trustLevels.indexOf(trust) > trustLevels.indexOf("agent");

/** Whether a new text is held back, and why; null for what a person or an agent says. */
export const quarantineOf = (fields: Told, now: Millis): Quarantine | null => {
  if (!isExamined(fields.trust)) return null;
  for (const text of toldBy(fields)) {
    const reason = instructionIn(text);
    if (reason !== null) return { reason, since: now };
  }
  return null;
};

/**
 * The same for a changed memory. What it says and how far it is trusted decide anew; as long as neither moved, what was
 * released stays released and what is held back stays so. Trust that rose releases nothing: that takes a release.
 */
export const quarantineAfter = (before: Memory, after: Told, now: Millis): Quarantine | null => {
  const lessTrusted = trustLevels.indexOf(after.trust) > trustLevels.indexOf(before.trust);
  if (!lessTrusted && JSON.stringify(toldBy(before)) === JSON.stringify(toldBy(after))) return before.quarantined;
  const found = quarantineOf(after, now);
  return found !== null && found.reason === before.quarantined?.reason ? before.quarantined : found;
};
