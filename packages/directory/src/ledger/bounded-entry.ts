/**
 * Entries within bounds, as every database can keep them: what reached an entry from outside (a request's id, an
 * address) must neither fill the disk nor be refused by one database and taken by another, where it would wait for ever.
 */
import type { AuditEntry } from "@cairn/memory/audit/audit-entry";

const longest = 300;
const mostSpaces = 50;
const mostSubjects = 20;

const bounded = (text: string): string => {
  const cut = text.length > longest ? text.slice(0, longest) : text;
  return cut.replaceAll("\0", "").toWellFormed();
};
const boundedOrNull = (text: string | null): string | null => (text === null ? null : bounded(text));

export const boundedEntry = (entry: AuditEntry): AuditEntry => ({
  ...entry,
  at: Math.trunc(entry.at),
  principal: bounded(entry.principal),
  key: boundedOrNull(entry.key),
  instance: boundedOrNull(entry.instance),
  operation: bounded(entry.operation),
  code: boundedOrNull(entry.code),
  spaces: entry.spaces.slice(0, mostSpaces).map(bounded),
  subjects: entry.subjects.slice(0, mostSubjects).map(bounded),
  address: boundedOrNull(entry.address),
  requestId: bounded(entry.requestId),
});
