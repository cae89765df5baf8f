/**
 * Turns what PostgreSQL, its driver and the network say into coded errors that tell what to do. What may pass by itself
 * is retryable and says when to try again; nothing of a statement or its values is repeated.
 *
 * Codes: https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
import { CairnError, type ErrorCode, isCairnError } from "@cairn/kernel/error";

const messages = {
  "storage.full": "The database's disk is full: nothing was stored. Free some space and try again.",
  "storage.read_only": "The database does not accept writes now: nothing was stored. Reading goes on.",
  "storage.busy": "The database is busy; try again in a moment.",
  "storage.corrupt": "The database says that its data is damaged. Restore it from a backup.",
  "storage.unavailable": "The database cannot be reached; try again in a moment.",
  "config.invalid": "The database refuses the connection. Check the address, the name and the password.",
} as const satisfies Partial<Record<ErrorCode, string>>;
type StorageCode = keyof typeof messages;

const retryAfterMs: Partial<Record<StorageCode, number>> = { "storage.busy": 500, "storage.unavailable": 1_000 };

/** By SQLSTATE, or a class of them, the longest first. */
const bySqlState: readonly (readonly [prefix: string, code: StorageCode])[] = [
  ["25006", "storage.read_only"], // read_only_sql_transaction: a standby
  ["25P03", "storage.unavailable"], // the session was ended, because its transaction idled
  ["25P04", "storage.unavailable"], // or took too long
  ["28", "config.invalid"], // invalid authorization
  ["3D000", "config.invalid"], // no such database
  ["40001", "storage.busy"], // serialization_failure
  ["40P01", "storage.busy"], // deadlock_detected
  ["53100", "storage.full"], // disk_full
  ["53", "storage.busy"], // out of memory, too many connections
  ["55P03", "storage.busy"], // lock_not_available
  ["57014", "storage.busy"], // query_canceled: it took too long
  ["57P", "storage.unavailable"], // shutdown, crash, cannot connect now
  ["58", "storage.unavailable"], // a system error
  ["08", "storage.unavailable"], // connection exceptions
  ["XX001", "storage.corrupt"],
  ["XX002", "storage.corrupt"],
];

const bySystemCode = /^(?:ECONN|EPIPE|ETIMEDOUT|EHOST|ENET|ENOTFOUND|EAI_|ENOENT|EACCES)/u;
/** What the driver and its pool say without a code. */
const lostConnection =
  /connection (?:terminated|ended|error)|terminated unexpectedly|not queryable|client was closed|socket|SSL/iu;
const poolIsFull = /timeout exceeded when trying to connect/iu;

export const sqlStateOf = (error: unknown): string =>
  typeof error === "object" && error !== null && "code" in error && typeof error.code === "string" ? error.code : "";

const storageCodeOf = (error: unknown): StorageCode | null => {
  const state = sqlStateOf(error);
  if (bySystemCode.test(state)) return "storage.unavailable";
  const known = bySqlState.find(([prefix]) => state.length === 5 && state.startsWith(prefix))?.[1];
  if (known !== undefined) return known;
  const text = error instanceof Error && state === "" ? error.message : "";
  if (poolIsFull.test(text) || /read timeout/iu.test(text)) return "storage.busy";
  return lostConnection.test(text) ? "storage.unavailable" : null;
};

/** Whether the connection broke: what was asked may or may not have been done. */
export const isConnectionLoss = (error: unknown): boolean =>
  isCairnError(error) ? error.code === "storage.unavailable" : storageCodeOf(error) === "storage.unavailable";

/** Ours as it is; everything else by its code, the original kept as the cause and never shown. */
export const postgresError = (error: unknown): CairnError => {
  if (isCairnError(error)) return error;
  const options = { cause: error };
  const code = storageCodeOf(error);
  if (code === null) return new CairnError("internal", "Something went wrong in the database engine.", {}, options);
  const wait = retryAfterMs[code];
  return new CairnError(code, messages[code], wait === undefined ? {} : { retryAfterMs: wait }, options);
};

/** Of an error on connecting: what is not known to pass by itself is a matter of the settings, such as a role. */
export const refusedConnection = (error: unknown): CairnError => {
  const coded = postgresError(error);
  if (coded.code !== "internal") return coded;
  return new CairnError("config.invalid", messages["config.invalid"], {}, { cause: error });
};
