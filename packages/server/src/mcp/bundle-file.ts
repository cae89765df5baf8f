/**
 * Bundles in files of the user, as the tools for export and import name them. A model chooses the path, and what it
 * recalled may have talked it into one: so an export replaces nothing but an earlier export, never follows a link,
 * and an import reads regular files of bounded size only.
 */
import { lstat, open, readFile, rename, rm, stat } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, resolve } from "node:path";
import { CairnError } from "@cairn/kernel/error";
import { newId } from "@cairn/kernel/id";
import { parseJson } from "../rest/guard/json.ts";
import { expandHome } from "../settings/data-folder.ts";

export const largestFile = 512 * 1024 * 1024;

const invalid = (message: string): CairnError => new CairnError("import.invalid", message);
const codeOf = (error: unknown): string => (error instanceof Error && "code" in error ? String(error.code) : "");

const reasons: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file or folder",
  ENOTDIR: "a part of the path is not a folder",
  EACCES: "you may not use it",
  EPERM: "you may not use it",
  EROFS: "the disk is read-only",
  ENOSPC: "the disk is full",
  EISDIR: "it is a folder",
  ENAMETOOLONG: "the name is too long",
};
const reasonOf = (error: unknown): string => reasons[codeOf(error)] ?? "the system refused";

const absolute = (path: string): string => {
  if (path.includes("\0")) throw invalid("The path holds the character U+0000.");
  return resolve(expandHome(path, homedir()));
};

/** Whether a file holds what an export writes, judged by its first bytes. */
const isBundle = async (path: string): Promise<boolean> => {
  await using file = await open(path, "r");
  const { buffer, bytesRead } = await file.read(Buffer.alloc(64), 0, 64, 0);
  return bytesRead === 0 || /^\s*\{\s*"manifest"\s*:/u.test(buffer.toString("latin1", 0, bytesRead));
};

const requireReplaceable = async (path: string): Promise<void> => {
  const found = await lstat(path).catch((error: unknown) => {
    if (codeOf(error) === "ENOENT") return null;
    throw invalid(`Write failed: ${reasonOf(error)}.`);
  });
  if (found === null) return;
  if (found.isDirectory()) throw invalid("Write failed: it is a folder; name a file in it.");
  if (!found.isFile()) throw invalid("Write failed: it is not a regular file.");
  if (!(await isBundle(path))) throw invalid("Write failed: there is a file that is no export; choose another name.");
};

/** Writes all of it or nothing: another program sees the old file or the new one. Throws import.invalid saying why. */
export const writeBundleFile = async (path: string, bundle: unknown): Promise<void> => {
  const target = absolute(path);
  await requireReplaceable(target);
  const temporary = resolve(dirname(target), `.cairn-export-${newId()}.tmp`);
  try {
    await using file = await open(temporary, "wx", 0o600);
    await file.writeFile(JSON.stringify(bundle));
    await file.sync();
    await file.close();
    await rename(temporary, target);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw invalid(`Write failed: ${reasonOf(error)}.`);
  }
};

/** Throws import.invalid saying why it cannot be read; never with anything of its content. */
export const readBundleFile = async (path: string): Promise<unknown> => {
  const source = absolute(path);
  const found = await stat(source).catch((error: unknown) => {
    throw invalid(`Failed to parse bundle: ${reasonOf(error)}.`);
  });
  if (!found.isFile()) throw invalid("Failed to parse bundle: it is not a regular file.");
  if (found.size > largestFile)
    throw invalid(`Failed to parse bundle: it is larger than ${largestFile / 1024 / 1024} MiB.`);
  const bytes = await readFile(source).catch((error: unknown) => {
    throw invalid(`Failed to parse bundle: ${reasonOf(error)}.`);
  });
  return parseBundle(bytes);
};

export const parseBundle = (bytes: Uint8Array): unknown => {
  try {
    return parseJson(bytes);
  } catch (error) {
    throw invalid(`Failed to parse bundle: ${error instanceof CairnError ? error.message : "it is not JSON."}`);
  }
};
