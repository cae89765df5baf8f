/**
 * Applies a segment of records in one transaction. A spool's segments are applied in the order of their numbers, so one
 * number tells which of them are: whoever applies moves it first, and finds its row locked or moved where another is at it.
 */
import type { Millis } from "@cairn/kernel/clock";
import type { Access } from "../database/directory-database.ts";
import { appendAudit, existingOrganisations } from "./append-audit.ts";
import type { Segment } from "./ledger-directory.ts";
import { summedCounts } from "./usage.ts";
import { addCounts } from "./usage-queries.ts";

const isNext = async ({ tables }: Access, { spool, number }: Segment, at: Millis): Promise<boolean> => {
  const moved = await tables
    .insertInto("spools")
    .values({ id: spool, applied: number, at })
    .onConflict((conflict) =>
      conflict.column("id").doUpdateSet({ applied: number, at }).where("spools.applied", "<", number),
    )
    .returning("id")
    .executeTakeFirst();
  return moved !== undefined;
};

export const applySegment = async (access: Access, segment: Segment, at: Millis): Promise<boolean> => {
  if (!(await isNext(access, segment, at))) return false;
  const { entries, counts } = segment;
  const organisations = [...entries, ...counts].map(({ organisation }) => organisation);
  const existing = await existingOrganisations(access, organisations);
  await appendAudit(access, entries, existing);
  // What is gone has no usage.
  await addCounts(access, summedCounts(counts.filter(({ organisation }) => existing.has(organisation))));
  return true;
};
