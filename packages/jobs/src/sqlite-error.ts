/** What SQLite and the file system say about the file of jobs, as coded errors; the original is the cause alone. */
import { CairnError, type ErrorCode, isCairnError } from "@cairn/kernel/error";

const codeOf = (error: unknown): string =>
  typeof error === "object" && error !== null && "code" in error ? String(error.code) : "";

export const isBusy = (error: unknown): boolean => /^SQLITE_(?:BUSY|LOCKED|PROTOCOL)/u.test(codeOf(error));

const known: readonly (readonly [pattern: RegExp, code: ErrorCode, message: string])[] = [
  [/^(?:SQLITE_FULL|ENOSPC|EDQUOT)/u, "storage.full", "The disk is full. Free some space and try again."],
  [
    /^(?:SQLITE_READONLY|SQLITE_PERM|SQLITE_CANTOPEN|EROFS|EACCES|EPERM)/u,
    "storage.read_only",
    "The data folder cannot be written to. Check its permissions.",
  ],
  [
    /^(?:SQLITE_CORRUPT|SQLITE_NOTADB|SQLITE_ERROR)/u,
    "storage.corrupt",
    "The file jobs.db is damaged. Without it the queue of background work begins anew.",
  ],
];

export const jobsFileError = (error: unknown): CairnError => {
  if (isCairnError(error)) return error;
  const options = { cause: error };
  if (isBusy(error)) {
    const message = "Another process is writing to the queue of jobs; try again in a moment.";
    return new CairnError("storage.busy", message, { retryAfterMs: 500 }, options);
  }
  const found = known.find(([pattern]) => pattern.test(codeOf(error)));
  if (found !== undefined) return new CairnError(found[1], found[2], {}, options);
  return new CairnError("storage.unavailable", "The file jobs.db cannot be read or written.", {}, options);
};
