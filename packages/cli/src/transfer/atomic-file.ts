/** Writes a file so that its name never holds half of it: beside it first, synced, then renamed. */
import { randomBytes } from "node:crypto";
import { open, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { CairnError } from "@cairn/kernel/error";

const codes: Readonly<Record<string, readonly ["storage.full" | "storage.read_only", string]>> = {
  ENOSPC: ["storage.full", "the disk is full"],
  EDQUOT: ["storage.full", "the disk quota is used up"],
  EACCES: ["storage.read_only", "you may not write there"],
  EPERM: ["storage.read_only", "you may not write there"],
  EROFS: ["storage.read_only", "the disk is read-only"],
};

const fileError = (path: string, error: unknown): unknown => {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  if (error instanceof CairnError || code === "" || code === "ABORT_ERR") return error;
  const [known, why] = codes[code] ?? [
    "storage.unavailable",
    code === "ENOENT" ? "there is no such folder" : "writing failed",
  ];
  return new CairnError(
    known,
    `${path} cannot be written: ${why}.`,
    { hint: "The file is as it was." },
    { cause: error },
  );
};

/** `work` is given a function that writes text. Only its owner can read the file. Throws storage.* and what `work` throws. */
export const writeAtomically = async (
  path: string,
  work: (write: (text: string) => Promise<void>) => Promise<void>,
): Promise<void> => {
  const fresh = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString("hex")}.tmp`);
  try {
    const handle = await open(fresh, "wx", 0o600);
    try {
      await work(async (text) => void (await handle.write(text)));
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(fresh, path);
  } catch (error) {
    await rm(fresh, { force: true });
    throw fileError(path, error);
  }
};
