/**
 * Reading another program's configuration so that it can be put back byte for byte: strict UTF-8, the byte order
 * mark kept as a character, links followed by hand because a link may lead to a file that is yet to be made.
 */
import { lstat, readFile, readlink, realpath } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { CairnError } from "@cairn/kernel/error";

export interface ConfigText {
  readonly path: string;
  readonly target: string;
  readonly text: string | null;
}

const codeOf = (error: unknown): string =>
  typeof error === "object" && error !== null && "code" in error ? String(error.code) : "";

/** A file error as one coded error that names the file and what would help. */
export const fileError = (error: unknown, path: string, doing: "read" | "write"): CairnError => {
  switch (codeOf(error)) {
    case "EACCES":
    case "EPERM":
    case "EROFS":
      return new CairnError(
        "storage.read_only",
        `Cannot ${doing} ${path}: permission denied.`,
        { hint: `Give yourself permission to ${doing} this file and its folder, then run the command again.` },
        { cause: error },
      );
    case "ENOSPC":
    case "EDQUOT":
      return new CairnError(
        "storage.full",
        `Cannot write ${path}: the disk is full.`,
        { hint: "Free some space, then run the command again. The file is as it was." },
        { cause: error },
      );
    case "EISDIR":
      return new CairnError("config.invalid", `${path} is a folder, not a file.`, { hint: "Move the folder away." });
    case "ELOOP":
      return new CairnError("config.invalid", `${path} is a link that leads back to itself.`, {
        hint: "Remove the link.",
      });
    default:
      return new CairnError("storage.unavailable", `Cannot ${doing} ${path}.`, {}, { cause: error });
  }
};

/** Where a path leads, also when the last link points at nothing yet. */
const followLinks = async (path: string): Promise<string> => {
  try {
    return await realpath(path);
  } catch (error) {
    if (codeOf(error) !== "ENOENT") throw error;
  }
  const found = await lstat(path).catch(() => null);
  return found?.isSymbolicLink() === true ? resolve(dirname(path), await readlink(path)) : path;
};

const decode = (bytes: Uint8Array, path: string): string => {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new CairnError("config.invalid", `${path} is not UTF-8 text.`, {
      hint: "Save it as UTF-8 (in Notepad: Save as, Encoding: UTF-8), then run the command again.",
    });
  }
};

/** Reads a configuration file. A missing one is no error: its text is `null`. */
export const readConfigText = async (path: string): Promise<ConfigText> => {
  try {
    const target = await followLinks(path);
    return { path, target, text: decode(await readFile(target), path) };
  } catch (error) {
    if (codeOf(error) === "ENOENT") return { path, target: await followLinks(path), text: null };
    if (error instanceof CairnError) throw error;
    throw fileError(error, path, "read");
  }
};

/** 1-based line of an offset; a lone carriage return does not count. */
export const lineAt = (text: string, offset: number): number => {
  let line = 1;
  for (let at = text.indexOf("\n"); at !== -1 && at < offset; at = text.indexOf("\n", at + 1)) line += 1;
  return line;
};

/** The line ending that a text uses, judged by its first line. */
export const lineEndingOf = (text: string): "\n" | "\r\n" => (/\r?\n/.exec(text)?.[0] === "\r\n" ? "\r\n" : "\n");

/** The refusal to touch a file that is not what its client expects: names file, line and what to do. */
export const brokenConfig = (path: string, line: number, problem: string, hint: string): CairnError =>
  new CairnError("config.invalid", `${path}, line ${line}: ${problem} Nothing was changed.`, { hint });
