/** Which import format a file is: by what is in it, and by its name only where that leaves a choice. */
export const importFormats = ["cairn-export", "tribal-bundle", "jsonl", "markdown"] as const;
export type ImportFormat = (typeof importFormats)[number];

/** How much of a file's beginning `detectFormat` wants to see, in characters. */
export const detectCharacters = 65_536;

const isJsonObject = (text: string): boolean => {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
};

/** Keys of a bundle, or of the answer of a call that holds one, that come before any memory's content. */
const bundleStart = /^\{\s*"(?:manifest|entries|bundle|success|memory_count)"\s*:/;

/**
 * The format, or `null` when it is none of ours. `head` is the text's beginning; it may end anywhere. `name` is the
 * file's name, which may be empty.
 */
export const detectFormat = (name: string, head: string): ImportFormat | null => {
  const text = head
    .slice(0, detectCharacters)
    .replace(/^\ufeff/, "")
    .trimStart();
  const extension = /\.([a-z]+)$/i.exec(name)?.[1]?.toLowerCase() ?? "";
  if (text.includes("\0")) return null;
  if (text.startsWith("{")) {
    const firstLine = text.split("\n", 1)[0]?.trim() ?? "";
    if (/^\{[^\n]*"format"\s*:\s*"cairn-export"/.test(firstLine)) return "cairn-export";
    if (bundleStart.test(text)) return "tribal-bundle";
    if (isJsonObject(firstLine) || extension === "jsonl" || extension === "ndjson") return "jsonl";
    if (extension === "md" || extension === "markdown") return "markdown";
    return firstLine.length === text.length && text.length >= detectCharacters - 1 ? "jsonl" : null;
  }
  if (extension === "jsonl" || extension === "ndjson") return "jsonl";
  if (extension === "json") return null;
  if (text === "") return extension === "md" || extension === "markdown" ? "markdown" : null;
  return "markdown";
};
