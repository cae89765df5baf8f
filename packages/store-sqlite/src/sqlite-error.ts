/** Turns what SQLite and the file system say into coded errors that tell what to do. */
import { CairnError, isCairnError } from "@cairn/kernel/error";

const codeOf = (error: unknown): string =>
  typeof error === "object" && error !== null && "code" in error ? String(error.code) : "";

/** SQLite's own error, or ours made of it. */
export const isBusy = (error: unknown): boolean => /^(SQLITE_(BUSY|LOCKED)|storage\.busy$)/.test(codeOf(error));

export const readOnlyFolder = (cause?: unknown): CairnError =>
  new CairnError(
    "storage.read_only",
    "The data folder cannot be written to: nothing was stored. Check its permissions; reading goes on.",
    {},
    { cause },
  );

/** Our statements name what every file has: one that lacks it, or has it under another name, was damaged. */
const lacksTable = (error: unknown, code: string): boolean =>
  code === "SQLITE_ERROR" &&
  error instanceof Error &&
  /^no such (?:column|table)|^table .* has no column/u.test(error.message);

export const storageError = (error: unknown): CairnError => {
  if (isCairnError(error)) return error;
  const code = codeOf(error);
  const options = { cause: error };
  if (isBusy(error)) {
    return new CairnError(
      "storage.busy",
      "Another process is writing to this space; try again.",
      { retryAfterMs: 200 },
      options,
    );
  }
  if (/^(SQLITE_FULL|ENOSPC|EDQUOT)/.test(code)) {
    return new CairnError(
      "storage.full",
      "The disk is full: nothing was stored. Free some space and try again; reading goes on.",
      {},
      options,
    );
  }
  if (/^(SQLITE_READONLY|SQLITE_PERM|EROFS|EACCES|EPERM)/.test(code)) {
    return readOnlyFolder(error);
  }
  // The only text that is parsed here is what was stored.
  if (/^(SQLITE_CORRUPT|SQLITE_NOTADB)/.test(code) || lacksTable(error, code) || error instanceof SyntaxError) {
    return new CairnError(
      "storage.corrupt",
      "This space's file is damaged. Run `cairn doctor` to see what can be mended.",
      {},
      options,
    );
  }
  if (/^(SQLITE_CANTOPEN|SQLITE_IOERR|EIO|EMFILE|ENFILE|EEXIST|ENOTDIR|ENOENT)/.test(code)) {
    return new CairnError(
      "storage.unavailable",
      "The data folder cannot be read or written. Check that it exists, its permissions and the disk.",
      {},
      options,
    );
  }
  return new CairnError("internal", "Something went wrong in the storage engine.", {}, options);
};
