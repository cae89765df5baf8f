/** The queries about chains, in SQL that SQLite and PostgreSQL read alike. */
import { CairnError } from "@cairn/kernel/error";
import type { Access } from "../database/directory-database.ts";
import { type ChainHead, type ChainLink, firstHead, verifyLinks } from "./audit-chain.ts";
import { auditColumns, chainLink } from "./audit-rows.ts";
import type { AuditPage, AuditQuery, Verification } from "./ledger-directory.ts";

/** Entries that one page looks through, whether or not they pass the filters. */
const mostLookedAt = 20_000;

interface Place {
  readonly at: number;
  readonly seq: number;
}

const showPlace = ({ at, seq }: Place): string => `${at}.${seq}`;

const parsePlace = (cursor: string): Place => {
  const match = /^(-?\d{1,15})\.(\d{1,15})$/u.exec(cursor);
  if (match !== null) return { at: Number(match[1]), seq: Number(match[2]) };
  const message = "cursor must be one that an earlier page gave";
  throw new CairnError("request.invalid", message, { problems: [{ path: "cursor", code: "invalid", message }] });
};

/** The entries of the organisation and the time that a page may look at. */
const inReach = ({ tables }: Access, { organisation, from, to, order, cursor = null }: AuditQuery) => {
  const direction = order === "newest" ? "desc" : "asc";
  const beyond = order === "newest" ? "<" : ">";
  let query = tables.selectFrom("audit_entries").where("organisation", "=", organisation);
  if (from !== undefined) query = query.where("at", ">=", from);
  if (to !== undefined) query = query.where("at", "<=", to);
  if (cursor !== null) {
    const { at, seq } = parsePlace(cursor);
    query = query.where((is) => is(is.refTuple("at", "seq"), beyond, is.tuple(at, seq)));
  }
  return query.orderBy("at", direction).orderBy("seq", direction);
};

const isFiltered = ({ principal, operation, kind, outcome, key, space, subject }: AuditQuery): boolean =>
  [principal, operation, kind, outcome, key, space, subject].some((one) => one !== undefined);

/** The last entry that the page looks at; null: it may look at all. */
const lastInReach = async (access: Access, query: AuditQuery, most: number): Promise<Place | null> => {
  const row = await inReach(access, query)
    .select(["at", "seq"])
    .offset(most - 1)
    .limit(1)
    .executeTakeFirst();
  return row === undefined ? null : { at: row.at, seq: row.seq };
};

const matching = (access: Access, query: AuditQuery) => {
  const { sql } = access;
  let found = inReach(access, query).select(auditColumns);
  for (const name of ["principal", "operation", "kind", "outcome", "key"] as const) {
    const value = query[name];
    if (value !== undefined) found = found.where(name, "=", value);
  }
  for (const [column, value] of [
    ["spaces", query.space],
    ["subjects", query.subject],
  ] as const) {
    // Exactly as written in the list, which a pattern's case or wildcards would not be.
    if (value === undefined) continue;
    const listed = JSON.stringify(value);
    found = found.where(sql<boolean>`replace(${sql.ref(column)}, ${listed}, '') <> ${sql.ref(column)}`);
  }
  return found;
};

export const pageOfEntries = async (
  access: Access,
  query: AuditQuery,
  mostLooked = mostLookedAt,
): Promise<AuditPage> => {
  const { limit, order } = query;
  const end = isFiltered(query) ? await lastInReach(access, query, mostLooked) : null;
  let found = matching(access, query);
  if (end !== null) {
    const upTo = order === "newest" ? ">=" : "<=";
    found = found.where((is) => is(is.refTuple("at", "seq"), upTo, is.tuple(end.at, end.seq)));
  }
  // One more than asked for tells whether there are more.
  const rows = await found.limit(limit + 1).execute();
  const links = rows.slice(0, limit).map(chainLink);
  if (rows.length > limit) {
    const { entry, seq } = links.at(-1)!;
    return { links, cursor: showPlace({ at: entry.at, seq }) };
  }
  return { links, cursor: end === null ? null : showPlace(end) };
};

export const readLinks = async (
  { tables }: Access,
  organisation: string,
  after: number,
  limit: number,
): Promise<readonly ChainLink[]> => {
  const rows = await tables
    .selectFrom("audit_entries")
    .select(auditColumns)
    .where("organisation", "=", organisation)
    .where("seq", ">", after)
    .orderBy("seq")
    .limit(limit)
    .execute();
  return rows.map(chainLink);
};

export const readHead = async ({ tables }: Access, organisation: string): Promise<ChainHead> => {
  const row = await tables
    .selectFrom("audit_heads")
    .select(["seq", "hash"])
    .where("organisation", "=", organisation)
    .executeTakeFirst();
  return row === undefined ? firstHead(organisation) : { seq: row.seq, hash: row.hash };
};

export const readHeadAt = async ({ tables }: Access, organisation: string, seq: number): Promise<ChainHead | null> => {
  if (seq === 0) return firstHead(organisation);
  const row = await tables
    .selectFrom("audit_entries")
    .select(["seq", "hash"])
    .where("organisation", "=", organisation)
    .where("seq", "=", seq)
    .executeTakeFirst();
  return row === undefined ? null : { seq: row.seq, hash: row.hash };
};

export interface VerifyOptions {
  readonly after?: ChainHead;
  readonly anchor?: ChainHead;
  readonly most: number;
}

type Read = <Result>(work: (access: Access) => Promise<Result>) => Promise<Result>;

const portion = 1_000;

/** Null: that head is in the chain. */
const missingHead = async (read: Read, organisation: string, head: ChainHead) => {
  const found = await read((access) => readHeadAt(access, organisation, head.seq));
  if (found === null) return "truncated" as const;
  return found.hash === head.hash ? null : ("changed" as const);
};

/** A portion a statement, so that nothing waits for it; what is appended meanwhile is not looked at. */
export const verifyChainOf = async (
  read: Read,
  organisation: string,
  { after = firstHead(organisation), anchor, most }: VerifyOptions,
): Promise<Verification> => {
  const head = await read((access) => readHead(access, organisation));
  for (const kept of anchor === undefined ? [after] : [after, anchor]) {
    const problem = kept.seq > head.seq ? "truncated" : await missingHead(read, organisation, kept);
    if (problem !== null) return { problem, at: kept.seq, whole: firstHead(organisation), head, complete: false };
  }
  let whole = after;
  const until = Math.min(head.seq, after.seq + most);
  while (whole.seq < until) {
    const from = whole.seq;
    const links = await read((access) => readLinks(access, organisation, from, Math.min(portion, until - from)));
    if (links.length === 0) return { problem: "truncated", at: from + 1, whole, head, complete: false };
    const report = verifyLinks(organisation, whole, links);
    if (report.problem !== null) return { ...report, head, complete: false };
    whole = report.whole;
  }
  const complete = whole.seq === head.seq;
  if (!complete) return { problem: null, at: null, whole, head, complete };
  if (whole.hash !== head.hash) return { problem: "changed", at: head.seq, whole, head, complete: false };
  // Entries beyond the head were put in by nobody who appends.
  const beyond = await read((access) => readLinks(access, organisation, head.seq, 1));
  const grown = beyond.length === 0 ? head : await read((access) => readHead(access, organisation));
  if (beyond.length > 0 && grown.seq === head.seq)
    return { problem: "gap", at: head.seq + 1, whole, head, complete: false };
  return { problem: null, at: null, whole, head, complete };
};
