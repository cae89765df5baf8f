/** Entries of the audit as rows, and back. */
import type { AuditEntry } from "@cairn/memory/audit/audit-entry";
import type { AuditEntriesTable } from "../tables/ledger.ts";
import type { ChainLink } from "./audit-chain.ts";

/** By name and never `*`: see `schema-steps.ts`. */
export const auditColumns = [
  "organisation",
  "seq",
  "id",
  "at",
  "principal",
  "credential",
  "key",
  "instance",
  "operation",
  "kind",
  "outcome",
  "code",
  "spaces",
  "subjects",
  "address",
  "request_id",
  "hash",
] as const satisfies readonly (keyof AuditEntriesTable)[];

export const auditNumbers: ReadonlySet<string> = new Set(["seq", "at"]);

export const auditRow = ({ seq, hash, entry }: ChainLink): AuditEntriesTable => {
  const { requestId, spaces, subjects, ...rest } = entry;
  return {
    ...rest,
    seq,
    spaces: JSON.stringify(spaces),
    subjects: JSON.stringify(subjects),
    request_id: requestId,
    hash,
  };
};

/** A list that somebody changed into something else is none: the hash shows it. */
const textsOf = (json: string): readonly string[] => {
  try {
    const value: unknown = JSON.parse(json);
    return Array.isArray(value) ? value.map(String) : [json];
  } catch {
    return [json];
  }
};

export const chainLink = (row: AuditEntriesTable): ChainLink => ({
  seq: row.seq,
  hash: row.hash,
  entry: {
    id: row.id,
    at: row.at,
    organisation: row.organisation,
    principal: row.principal,
    credential: row.credential as AuditEntry["credential"],
    key: row.key,
    instance: row.instance,
    operation: row.operation,
    kind: row.kind as AuditEntry["kind"],
    outcome: row.outcome as AuditEntry["outcome"],
    code: row.code,
    spaces: textsOf(row.spaces),
    subjects: textsOf(row.subjects),
    address: row.address,
    requestId: row.request_id,
  },
});
