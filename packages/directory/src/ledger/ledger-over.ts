/** The ledger over any database of the directory. Nobody remembers what is in it, so nothing is forgotten. */
import type { Clock } from "@cairn/kernel/clock";
import { CairnError } from "@cairn/kernel/error";
import type { DirectoryDatabase } from "../database/directory-database.ts";
import { appendAudit } from "./append-audit.ts";
import { applySegment } from "./apply-segment.ts";
import { pageOfEntries, readHead, readHeadAt, readLinks, verifyChainOf } from "./audit-queries.ts";
import type { LedgerDirectory } from "./ledger-directory.ts";
import { readLevels, readUsage, setLevels } from "./usage-queries.ts";

const mostOnPage = 1_000;
const checkLimit = (limit: number): void => {
  if (Number.isInteger(limit) && limit >= 1 && limit <= mostOnPage) return;
  throw new CairnError("request.invalid", `limit must be a whole number from 1 to ${mostOnPage}.`);
};

export const ledgerOver = (database: DirectoryDatabase, clock: Clock): LedgerDirectory => ({
  apply: (segment) => database.write([], (access) => applySegment(access, segment, clock())),
  append: (entries) => database.write([], (access) => appendAudit(access, entries)),
  setLevels: (levels) => database.change((access) => setLevels(access, levels)),
  forgetSpools: (before) =>
    database.change(async ({ tables }) => {
      const { numDeletedRows } = await tables.deleteFrom("spools").where("at", "<", before).executeTakeFirst();
      return Number(numDeletedRows);
    }),
  entries: async (query) => {
    checkLimit(query.limit);
    return database.read((access) => pageOfEntries(access, query));
  },
  links: async (organisation, after, limit) => {
    checkLimit(limit);
    return database.read((access) => readLinks(access, organisation, after, limit));
  },
  head: (organisation) => database.read((access) => readHead(access, organisation)),
  headAt: (organisation, seq) => database.read((access) => readHeadAt(access, organisation, seq)),
  verify: (organisation, options) => verifyChainOf(database.read, organisation, options),
  usage: (query) => database.read((access) => readUsage(access, query)),
  levels: (query) => database.read((access) => readLevels(access, query)),
});
