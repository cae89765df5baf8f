/**
 * Appends to the audit chains inside a transaction of the directory. Whoever appends locks the heads of the chains it
 * writes to, in the order of their ids; so entries are in the order of commits, without gaps, and nobody waits in a circle.
 */
import type { AuditEntry } from "@cairn/memory/audit/audit-entry";
import { homeOrganisation } from "@cairn/memory/permission/identity";
import type { Access } from "../database/directory-database.ts";
import { type ChainHead, type ChainLink, firstHead, linkAfter } from "./audit-chain.ts";
import { auditColumns, auditNumbers, auditRow } from "./audit-rows.ts";
import { boundedEntry } from "./bounded-entry.ts";
import { always, jsonRows, numberField, textField } from "./json-rows.ts";

/** Which of them there are; they stay until the transaction ends. */
export const existingOrganisations = async (access: Access, ids: Iterable<string>): Promise<ReadonlySet<string>> => {
  const asked = [...new Set(ids)].map((id) => ({ id }));
  if (asked.length === 0) return new Set();
  const found = access.tables
    .selectFrom("organisations")
    .select("organisations.id")
    .where("organisations.id", "in", (is) =>
      is.selectFrom(jsonRows(access, asked)).select(textField(access, "id").as("id")),
    )
    .orderBy("organisations.id");
  const rows = await (access.words.database === "postgres" ? found.forKeyShare() : found).execute();
  return new Set(rows.map(({ id }) => id));
};

/** Locks the heads until the transaction ends, and says what they are. */
const lockHeads = async (access: Access, organisations: readonly string[]): Promise<Map<string, ChainHead>> => {
  const first = organisations.map((organisation) => ({ organisation, ...firstHead(organisation) }));
  const rows = await access.tables
    .insertInto("audit_heads")
    .columns(["organisation", "seq", "hash"])
    .expression((is) =>
      is
        .selectFrom(jsonRows(access, first))
        .select([
          textField(access, "organisation").as("organisation"),
          numberField(access, "seq").as("seq"),
          textField(access, "hash").as("hash"),
        ])
        .where(always(access)),
    )
    .onConflict((conflict) => conflict.column("organisation").doUpdateSet({ seq: (is) => is.ref("audit_heads.seq") }))
    .returning(["organisation", "seq", "hash"])
    .execute();
  return new Map(rows.map(({ organisation, seq, hash }) => [organisation, { seq, hash }]));
};

const placeOf = ({ organisation, id }: AuditEntry): string => `${organisation} ${id}`;

/** Which of the entries are in their chains already. */
const knownOf = async (access: Access, entries: readonly AuditEntry[]): Promise<Set<string>> => {
  const rows = await access.tables
    .selectFrom(
      jsonRows(
        access,
        entries.map(({ organisation, id }) => ({ organisation, id })),
      ),
    )
    .innerJoin("audit_entries", (join) =>
      join
        .on("audit_entries.id", "=", textField(access, "id"))
        .on("audit_entries.organisation", "=", textField(access, "organisation")),
    )
    .select(["audit_entries.organisation", "audit_entries.id"])
    .execute();
  return new Set(rows.map(({ organisation, id }) => `${organisation} ${id}`));
};

const insertLinks = async (access: Access, links: readonly ChainLink[]): Promise<void> => {
  await access.tables
    .insertInto("audit_entries")
    .columns([...auditColumns])
    .expression((is) =>
      is
        .selectFrom(jsonRows(access, links.map(auditRow)))
        .select(
          auditColumns.map((name) =>
            auditNumbers.has(name) ? numberField(access, name).as(name) : textField(access, name).as(name),
          ),
        ),
    )
    .execute();
};

const moveHeads = async (access: Access, heads: ReadonlyMap<string, ChainHead>): Promise<void> => {
  const rows = [...heads].map(([organisation, { seq, hash }]) => ({ organisation, seq, hash }));
  await access.tables
    .insertInto("audit_heads")
    .columns(["organisation", "seq", "hash"])
    .expression((is) =>
      is
        .selectFrom(jsonRows(access, rows))
        .select([
          textField(access, "organisation").as("organisation"),
          numberField(access, "seq").as("seq"),
          textField(access, "hash").as("hash"),
        ])
        .where(always(access)),
    )
    .onConflict((conflict) =>
      conflict.column("organisation").doUpdateSet({
        seq: (is) => is.ref("excluded.seq"),
        hash: (is) => is.ref("excluded.hash"),
      }),
    )
    .execute();
};

/** What was done in an organisation that is gone, such as its removal, is told in the home organisation's chain. */
const placed = (entry: AuditEntry, existing: ReadonlySet<string>): AuditEntry =>
  existing.has(entry.organisation)
    ? boundedEntry(entry)
    : boundedEntry({
        ...entry,
        organisation: homeOrganisation,
        subjects: [...new Set([entry.organisation, ...entry.subjects])],
      });

const ofEach = async (
  access: Access,
  entries: readonly AuditEntry[],
  organisations: ReadonlySet<string>,
): Promise<void> => {
  const all = entries.map((entry) => placed(entry, organisations));
  const chains = [...new Set(all.map(({ organisation }) => organisation))].toSorted();
  const heads = await lockHeads(access, chains);
  const known = await knownOf(access, all);
  const links: ChainLink[] = [];
  const moved = new Map<string, ChainHead>();
  for (const entry of all) {
    if (known.has(placeOf(entry))) continue;
    known.add(placeOf(entry));
    const link = linkAfter(moved.get(entry.organisation) ?? heads.get(entry.organisation)!, entry);
    links.push(link);
    moved.set(entry.organisation, { seq: link.seq, hash: link.hash });
  }
  if (links.length === 0) return;
  await insertLinks(access, links);
  await moveHeads(access, moved);
};

/**
 * Appends entries of one or several organisations, each id once; to be called inside `DirectoryDatabase.write`.
 * `organisations`: those that are known to be there; looked up when absent.
 */
export const appendAudit = async (
  access: Access,
  entries: readonly AuditEntry[],
  organisations?: ReadonlySet<string>,
): Promise<void> => {
  if (entries.length === 0) return;
  const existing =
    organisations ??
    (await existingOrganisations(
      access,
      entries.map(({ organisation }) => organisation),
    ));
  await ofEach(access, entries, existing);
};

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
