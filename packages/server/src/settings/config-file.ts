/** Reads `config.yaml`. The YAML parser is loaded only when there is a file: starting fast matters more often. */
import { readFile } from "node:fs/promises";
import { CairnError } from "@cairn/kernel/error";

export type ConfigEntries = Readonly<Record<string, unknown>>;

const unreadable = (path: string, what: string, hint: string, cause?: unknown): CairnError =>
  new CairnError("config.invalid", `${path} ${what}`, { hint }, { cause });

const isAbsent = (error: unknown): boolean =>
  error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR");

/** The file's entries; null when there is no file. Throws config.invalid naming the file and the line. */
export const readConfigFile = async (path: string): Promise<ConfigEntries | null> => {
  const text = await readFile(path, "utf8").catch((error: unknown) => {
    if (isAbsent(error)) return null;
    throw unreadable(path, "cannot be read.", "Check that you may read it.", error);
  });
  if (text === null) return null;
  const { parseDocument } = await import("yaml");
  const document = parseDocument(text, { prettyErrors: false });
  const [problem] = document.errors;
  if (problem !== undefined) {
    const line = text.slice(0, problem.pos[0]).split("\n").length;
    throw unreadable(
      path,
      `is not valid YAML: line ${line}.`,
      "Mend the line, or move the file away to use the defaults.",
    );
  }
  const value: unknown = document.toJS({ maxAliasCount: 100 });
  if (value === null || value === undefined) return {};
  if (typeof value !== "object" || Array.isArray(value)) {
    throw unreadable(path, "does not hold settings.", "Write one setting a line, such as `port: 18790`.");
  }
  return value as ConfigEntries;
};
