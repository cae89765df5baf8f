/**
 * The YAML block at the head of a Markdown file, as far as notes use it: names with a text or a list of texts.
 * Anything deeper is kept as it stands, under `front_matter`, so that nothing is lost and no YAML reader is needed.
 */
import type { JsonObject, JsonValue } from "../memory/memory.ts";

export interface FrontMatter {
  readonly metadata: JsonObject;
  readonly tags: readonly string[];
  readonly raw: string;
  /** How many lines it takes, fences included. */
  readonly lines: number;
}

/** Beyond this it is text that happens to stand between two lines of dashes. */
const maxCharacters = 16_000;

const unquote = (text: string): string => /^(["'])(.*)\1$/s.exec(text.trim())?.[2] ?? text.trim();

/** A list on one line whose texts hold no comma, so that commas divide them. */
const flatList = /^\[(?:[^[\]{}"']|"[^",]*"|'[^',]*')*\]$/;

const inlineList = (text: string): readonly string[] =>
  text
    .slice(1, -1)
    .split(",")
    .map(unquote)
    .filter((item) => item !== "");

const parse = (lines: readonly string[]): JsonObject | null => {
  const found = new Map<string, JsonValue>();
  const comments: string[] = [];
  let list: string[] | null = null;
  for (const line of lines) {
    const comment = /^\s*(?:#\s*(.*))?$/.exec(line);
    if (comment !== null) {
      if ((comment[1] ?? "") !== "") comments.push(comment[1] ?? "");
      continue;
    }
    const item = /^\s*-\s+(.*)$/.exec(line);
    const pair = /^([\w][\w .-]*):(?:\s+(.*))?$/.exec(line);
    const value = pair?.[2]?.trim() ?? "";
    if (item !== null && list !== null) list.push(unquote(item[1] ?? ""));
    else if (pair === null || /^[|>&*!{]/.test(value) || (value.startsWith("[") && !flatList.test(value))) return null;
    else if (value === "") {
      list = [];
      found.set(pair[1] ?? "", list);
    } else {
      list = null;
      found.set(pair[1] ?? "", value.startsWith("[") ? inlineList(value) : unquote(value));
    }
  }
  if (comments.length > 0) found.set("front_matter_comments", comments);
  return Object.fromEntries(
    [...found].map(([name, value]) => [name, Array.isArray(value) && value.length === 0 ? "" : value]),
  );
};

const tagsOf = (metadata: JsonObject): readonly string[] => {
  const tags = metadata["tags"];
  if (typeof tags === "string") return tags.split(/[,\s]+/).filter((tag) => tag !== "");
  return Array.isArray(tags) ? tags.filter((tag) => typeof tag === "string") : [];
};

/** The front matter of a file's lines, or `null` when it has none. */
export const readFrontMatter = (lines: readonly string[]): FrontMatter | null => {
  if (lines[0]?.trimEnd() !== "---") return null;
  const end = lines.findIndex((line, index) => index > 0 && /^(---|\.\.\.)\s*$/.test(line));
  const inside = lines.slice(1, Math.max(end, 1));
  const raw = inside.join("\n");
  const first = inside.find((line) => !/^\s*(#.*)?$/.test(line));
  if (first === undefined || !/^[\w][\w .-]*:(\s|$)/.test(first) || raw.length > maxCharacters) return null;
  const metadata = parse(inside);
  const tags = metadata === null ? [] : tagsOf(metadata);
  return { metadata: metadata ?? { front_matter: raw }, tags, raw, lines: end + 1 };
};
