/**
 * JSON Lines: one memory a line, with native field names or only a text. Other memory products call the text
 * `content`, `text` or `memory`; whatever of theirs has no field here is named, so that the user can be told.
 */
import type { JsonObject, JsonValue } from "../memory/memory.ts";
import type { ImportDraft, ImportProblem } from "./draft.ts";
import { linesOf, type NumberedLine } from "./lines.ts";
import { draftFromJson, isJsonObject } from "./memory-json.ts";

export type JsonLine =
  | { readonly kind: "draft"; readonly draft: ImportDraft; readonly ignored: readonly string[] }
  | { readonly kind: "blank" }
  | { readonly kind: "problem"; readonly problem: ImportProblem };

const textFields = ["content", "text", "memory"] as const;

/** An object's text under its native name, other spellings of it taken away. */
const withContent = (source: JsonObject): JsonObject => {
  const name = textFields.find((field) => typeof source[field] === "string");
  if (name === undefined || name === "content") return source;
  const { [name]: content, ...rest } = source as Record<string, JsonValue>;
  return { ...rest, content: content ?? null };
};

export const lineProblem = (
  { number }: NumberedLine,
  message: string,
  id: unknown = null,
): JsonLine & { kind: "problem" } => ({
  kind: "problem",
  problem: { where: `line ${number}`, id: typeof id === "string" ? id : null, message },
});

/** JSON of one line, or what is wrong with it. The engine's own message is not used: it quotes the content. */
export const parseLine = (line: NumberedLine): { readonly value: unknown } | { readonly fault: string } => {
  if (line.text === null) return { fault: "the line is too long." };
  try {
    return { value: JSON.parse(line.text) };
  } catch {
    return { fault: "this is not valid JSON." };
  }
};

/** Reads one line. Never throws. */
export const readJsonLine = (line: NumberedLine): JsonLine => {
  if (line.text?.trim() === "") return { kind: "blank" };
  const parsed = parseLine(line);
  if ("fault" in parsed) return lineProblem(line, parsed.fault);
  if (!isJsonObject(parsed.value)) return lineProblem(line, "a JSON object was expected.");
  const source = withContent(parsed.value);
  const reading = draftFromJson(source);
  if (reading.ok) return { kind: "draft", draft: reading.value, ignored: reading.ignored };
  return lineProblem(line, reading.faults.map((fault) => fault.message).join(" "), source["id"]);
};

/** Reads a whole text, one result a line that is not blank. */
export function* readJsonLines(text: string): Generator<Exclude<JsonLine, { kind: "blank" }>> {
  for (const line of linesOf(text)) {
    const result = readJsonLine(line);
    if (result.kind !== "blank") yield result;
  }
}
