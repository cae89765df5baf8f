/** What SQLite, PostgreSQL or the file system say, as coded errors; the original stays the cause and is never shown. */
import { CairnError, isCairnError, type ErrorCode } from "@cairn/kernel/error";

const messages = {
  "storage.full": "The disk is full; nothing was changed. Free some space and try again.",
  "storage.read_only": "The data folder cannot be written to; nothing was changed. Reading still works.",
  "storage.busy": "Another process is writing to the directory; try again in a moment.",
  "storage.corrupt": "The directory file is damaged. Run `cairn doctor`.",
  "storage.unavailable": "The directory cannot be reached.",
} as const satisfies Partial<Record<ErrorCode, string>>;
type StorageCode = keyof typeof messages;

/** Prefixes, so that extended result codes (SQLITE_BUSY_SNAPSHOT) fall to their primary one. */
const bySqliteCode: readonly (readonly [prefix: string, code: StorageCode])[] = [
  ["SQLITE_FULL", "storage.full"],
  ["SQLITE_READONLY", "storage.read_only"],
  ["SQLITE_CANTOPEN", "storage.read_only"],
  ["SQLITE_PERM", "storage.read_only"],
  ["SQLITE_BUSY", "storage.busy"],
  ["SQLITE_LOCKED", "storage.busy"],
  ["SQLITE_PROTOCOL", "storage.busy"],
  ["SQLITE_CORRUPT", "storage.corrupt"],
  ["SQLITE_NOTADB", "storage.corrupt"],
];

const bySystemCode: Readonly<Record<string, StorageCode>> = {
  ENOSPC: "storage.full",
  EDQUOT: "storage.full",
  EACCES: "storage.read_only",
  EPERM: "storage.read_only",
  EROFS: "storage.read_only",
};

const codeOf = (error: unknown): string =>
  typeof error === "object" && error !== null && "code" in error && typeof error.code === "string" ? error.code : "";

export const isBusy = (error: unknown): boolean => storageCode(error) === "storage.busy";
export const isReadOnly = (error: unknown): boolean => storageCode(error) === "storage.read_only";

/** A second row with a value that must be unique: SQLite's extended code, PostgreSQL's SQLSTATE. */
export const isUniqueViolation = (error: unknown): boolean =>
  ["SQLITE_CONSTRAINT_UNIQUE", "SQLITE_CONSTRAINT_PRIMARYKEY", "23505"].includes(codeOf(error));

const storageCode = (error: unknown): StorageCode => {
  const code = codeOf(error);
  const sqlite = bySqliteCode.find(([prefix]) => code.startsWith(prefix))?.[1];
  return sqlite ?? (Object.hasOwn(bySystemCode, code) ? bySystemCode[code] : undefined) ?? "storage.unavailable";
};

export const storageError = (error: unknown): CairnError => {
  if (isCairnError(error)) return error;
  const code = storageCode(error);
  const data = code === "storage.busy" ? { retryAfterMs: 1_000 } : {};
  return new CairnError(code, messages[code], data, { cause: error });
};
