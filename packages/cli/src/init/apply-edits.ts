/**
 * Writes planned edits so that a reader, a crash or a full disk never meets half a file: each new text is written
 * and synced beside its file, then renamed over it, and only when all of them are ready. If a rename fails, those
 * already done are undone. A file that already existed leaves a backup beside it.
 */
import { randomBytes } from "node:crypto";
import { mkdir, open, rename, rm, stat, unlink } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { type Clock, toRfc3339, wallClock } from "@cairn/kernel/clock";
import { CairnError } from "@cairn/kernel/error";
import { fileError, readConfigText } from "./config-text.ts";
import { changesFile, type FileEdit } from "./file-edit.ts";

export const backupMark = ".cairn-backup-";

export interface AppliedEdit {
  readonly edit: FileEdit;
  /** Where the earlier text is kept; `null` when the file was new or nothing changed. */
  readonly backup: string | null;
}

interface Kept {
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

const keptFrom = async (target: string): Promise<Kept | null> => {
  const found = await stat(target).catch(() => null);
  return found === null ? null : { mode: found.mode & 0o7777, uid: found.uid, gid: found.gid };
};

/** Writes a new file, synced to the disk; fails when it is there already. */
const writeNew = async (path: string, text: string, mode: number, owner: Kept | null): Promise<void> => {
  const handle = await open(path, "wx", mode);
  try {
    await handle.writeFile(text, "utf8");
    if (owner !== null && process.getuid?.() === 0) await handle.chown(owner.uid, owner.gid);
    await handle.chmod(mode);
    await handle.sync();
  } finally {
    await handle.close();
  }
};

/** Makes a rename durable where the system lets a folder be synced; Windows does not. */
const syncFolder = async (folder: string): Promise<void> => {
  const handle = await open(folder, "r").catch(() => null);
  await handle?.sync().catch(() => undefined);
  await handle?.close();
};

/** `20240503T120000.000Z`: sorts by time and is a file name everywhere. */
const stamp = (clock: Clock): string => toRfc3339(clock()).replaceAll(/[-:]/g, "");

const backupPath = async (target: string, clock: Clock): Promise<string> => {
  const base = `${target}${backupMark}${stamp(clock)}`;
  for (let count = 1; ; count += 1) {
    const path = count === 1 ? base : `${base}-${count}`;
    if ((await stat(path).catch(() => null)) === null) return path;
  }
};

interface Staged {
  readonly edit: FileEdit;
  readonly fresh: string | null;
  readonly backup: string | null;
}

const stage = async (edit: FileEdit, clock: Clock, made: string[]): Promise<Staged> => {
  const { target, before, after } = edit;
  const now = await readConfigText(edit.path);
  if (now.text !== before || now.target !== target) {
    throw new CairnError("storage.busy", `${edit.path} was changed by another program in the meantime.`, {
      hint: "Nothing was changed. Run the command again.",
    });
  }
  await mkdir(dirname(target), { recursive: true });
  const kept = await keptFrom(target);
  const mode = kept?.mode ?? edit.mode;
  let backup: string | null = null;
  if (before !== null) {
    backup = await backupPath(target, clock);
    made.push(backup);
    await writeNew(backup, before, mode, kept);
  }
  if (after === null) return { edit, fresh: null, backup };
  const fresh = join(dirname(target), `.${basename(target)}.${randomBytes(6).toString("hex")}.tmp`);
  made.push(fresh);
  await writeNew(fresh, after, mode, kept);
  return { edit, fresh, backup };
};

const commit = async ({ edit, fresh }: Staged): Promise<void> => {
  if (fresh === null) await unlink(edit.target);
  else await rename(fresh, edit.target);
  await syncFolder(dirname(edit.target));
};

const undo = async ({ edit, backup }: Staged): Promise<void> => {
  if (backup === null) await rm(edit.target, { force: true });
  else await rename(backup, edit.target);
};

/**
 * Applies a plan: all of it or nothing. Edits that change nothing are passed through. Errors: "storage.busy" when a
 * file is no longer as planned, "storage.read_only" without permission, "storage.full".
 */
export const applyEdits = async (
  edits: readonly FileEdit[],
  clock: Clock = wallClock,
): Promise<readonly AppliedEdit[]> => {
  const made: string[] = [];
  const done: Staged[] = [];
  let current: FileEdit | undefined;
  try {
    const staged: Staged[] = [];
    for (const edit of edits.filter(changesFile)) {
      current = edit;
      staged.push(await stage(edit, clock, made));
    }
    for (const one of staged) {
      current = one.edit;
      await commit(one);
      done.push(one);
    }
    return edits.map((edit) => ({ edit, backup: staged.find((one) => one.edit === edit)?.backup ?? null }));
  } catch (error) {
    for (const one of done.toReversed()) await undo(one);
    for (const path of made) await rm(path, { force: true });
    throw error instanceof CairnError ? error : fileError(error, current?.path ?? "the file", "write");
  }
};
