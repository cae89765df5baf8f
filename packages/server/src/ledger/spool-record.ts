/**
 * What a spool holds: one JSON line for each record, an entry of the audit, counts of usage, or both. Lines that are not
 * whole (the disk's last words before a power cut) are passed over.
 */
import type { UsageCount } from "@cairn/directory/ledger/usage";
import type { AuditEntry } from "@cairn/memory/audit/audit-entry";

export interface SpoolRecord {
  readonly entry?: AuditEntry;
  readonly counts?: readonly UsageCount[];
}

export interface SpoolContent {
  readonly entries: readonly AuditEntry[];
  readonly counts: readonly UsageCount[];
  /** How many lines could not be read. */
  readonly damaged: number;
}

export const spoolLine = (record: SpoolRecord): string => `${JSON.stringify(record)}\n`;

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const isEntry = (value: unknown): value is AuditEntry =>
  isObject(value) &&
  ["id", "organisation", "principal", "operation", "kind", "outcome", "requestId"].every(
    (name) => typeof value[name] === "string",
  ) &&
  Number.isFinite(value["at"]) &&
  Array.isArray(value["spaces"]) &&
  Array.isArray(value["subjects"]);

const isCount = (value: unknown): value is UsageCount =>
  isObject(value) &&
  ["organisation", "day", "metric", "space", "key"].every((name) => typeof value[name] === "string") &&
  Number.isSafeInteger(value["amount"]);

const parseLine = (line: string): SpoolRecord | null => {
  try {
    const value: unknown = JSON.parse(line);
    if (!isObject(value)) return null;
    const { entry, counts = [] } = value;
    if (entry !== undefined && !isEntry(entry)) return null;
    if (!Array.isArray(counts) || !counts.every(isCount)) return null;
    return { ...(entry === undefined ? {} : { entry }), counts };
  } catch {
    return null;
  }
};

export const parseSpool = (text: string): SpoolContent => {
  const lines = text.split("\n").filter((line) => line !== "");
  const records = lines.map(parseLine);
  const whole = records.filter((record) => record !== null);
  return {
    entries: whole.flatMap(({ entry }) => (entry === undefined ? [] : [entry])),
    counts: whole.flatMap(({ counts = [] }) => counts),
    damaged: records.length - whole.length,
  };
};
