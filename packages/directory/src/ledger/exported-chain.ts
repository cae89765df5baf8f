/**
 * A chain as JSON Lines (one JSON object a line): what `audit.export` gives and what anyone can verify without a server.
 * Field names are those of the wire; times are RFC 3339 in UTC with milliseconds.
 */
import { toRfc3339 } from "@cairn/kernel/clock";
import type { AuditEntry } from "@cairn/memory/audit/audit-entry";
import { type ChainHead, type ChainLink, type ChainReport, firstHead, verifyLinks } from "./audit-chain.ts";

const textFields = [
  "id",
  "organisation",
  "principal",
  "credential",
  "operation",
  "kind",
  "outcome",
  "requestId",
] as const;
const textOrNullFields = ["key", "instance", "code", "address"] as const;

export const exportedLine = ({ seq, hash, entry }: ChainLink): string => {
  const { requestId, at, ...rest } = entry;
  return JSON.stringify({ seq, at: toRfc3339(at), ...rest, request_id: requestId, hash });
};

const isText = (value: unknown): value is string => typeof value === "string";
const isTexts = (value: unknown): value is readonly string[] => Array.isArray(value) && value.every(isText);

/** Null for a line that is none. */
export const parseExportedLine = (line: string): ChainLink | null => {
  let given: Readonly<Record<string, unknown>>;
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value !== "object" || value === null) return null;
    given = value as Readonly<Record<string, unknown>>;
  } catch {
    return null;
  }
  const { request_id: requestId = given["requestId"], at, seq, hash, spaces, subjects } = given;
  const fields: Readonly<Record<string, unknown>> = { ...given, requestId };
  const milliseconds = isText(at) ? Date.parse(at) : Number.NaN;
  const sound =
    textFields.every((name) => isText(fields[name])) &&
    textOrNullFields.every((name) => fields[name] === null || isText(fields[name])) &&
    isTexts(spaces) &&
    isTexts(subjects) &&
    Number.isSafeInteger(seq) &&
    isText(hash) &&
    !Number.isNaN(milliseconds) &&
    // Another way to write the same time would be a change that no hash shows.
    toRfc3339(milliseconds) === at;
  if (!sound) return null;
  const names = [...textFields, ...textOrNullFields, "spaces", "subjects"];
  const entry = Object.fromEntries(names.map((name) => [name, fields[name]]));
  return { seq: seq as number, hash, entry: { ...entry, at: milliseconds } as AuditEntry };
};

export interface ExpectedChain {
  /** What the first line follows; the beginning of the chain when absent. */
  readonly after?: ChainHead;
  readonly organisation?: string;
  /** A head that was kept elsewhere, which must be among the lines. */
  readonly anchor?: ChainHead;
}

/** The links of the lines up to the first that is none; `end` says whether there was one, and what it met on its way. */
const linksOf = function* (
  lines: Iterable<string>,
  end: { unreadable: boolean; met: string | null },
  anchor: ChainHead | undefined,
): Generator<ChainLink, void> {
  for (const line of lines) {
    if (line.trim() === "") continue;
    const link = parseExportedLine(line);
    end.unreadable = link === null;
    if (link === null) return;
    if (link.seq === anchor?.seq) end.met = link.hash;
    yield link;
  }
};

const organisationOf = (lines: readonly string[]): string =>
  lines.length === 0 ? "" : (parseExportedLine(lines[0]!)?.entry.organisation ?? "");

/**
 * Whether the lines of an export are a whole chain of an organisation, or the part of one that follows `after`. Blank
 * lines count for nothing. The organisation is the one of the first line when absent.
 */
export const verifyChain = (lines: readonly string[], expected: ExpectedChain = {}): ChainReport => {
  const said = lines.filter((line) => line.trim() !== "");
  const { organisation = organisationOf(said), anchor } = expected;
  const from = expected.after ?? firstHead(organisation);
  const end = { unreadable: false, met: from.seq === anchor?.seq ? from.hash : null };
  const report = verifyLinks(organisation, from, linksOf(said, end, anchor));
  const { whole } = report;
  if (report.problem !== null) return report;
  if (end.unreadable) return { problem: "changed", at: whole.seq + 1, whole };
  if (anchor === undefined || anchor.seq < from.seq) return report;
  if (end.met === null) return { problem: "truncated", at: whole.seq + 1, whole };
  return end.met === anchor.hash ? report : { problem: "changed", at: anchor.seq, whole };
};
