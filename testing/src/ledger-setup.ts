/** Records of calls that never were, and the ledger on a folder of its own. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DirectoryDatabase } from "@cairn/directory/database/directory-database";
import { openSqliteDatabase } from "@cairn/directory/database/sqlite-database";
import { ledgerOver } from "@cairn/directory/ledger/ledger-over";
import type { SpaceDirectory } from "@cairn/directory/space-directory";
import { newId } from "@cairn/kernel/id";
import { anonymousIdentity, type Identity } from "@cairn/memory/permission/identity";
import type { CallRecord } from "@cairn/operations/pipeline";
import { makeFakeEngine } from "./fake-engine.ts";
import { makeFakeSpaceDirectory } from "./fake-space-directory.ts";
import type { Ledger } from "@cairn/server/ledger/ledger";
import { type LedgerOptions, openLedger } from "@cairn/server/ledger/open-ledger";

export const identityIn = (organisation: string, changes: Partial<Identity> = {}): Identity => ({
  ...anonymousIdentity,
  principal: "user:anna",
  credential: "session",
  organisation,
  role: "editor",
  scopes: null,
  ...changes,
});

export const makeRecord = (identity: Identity, changes: Partial<CallRecord> = {}): CallRecord => ({
  id: newId(),
  at: Date.now(),
  operation: "recall.recall",
  audit: "read",
  caller: { identity, instance: "laptop", requestId: "r", edge: "rest", defaultSpace: "default", address: "192.0.2.1" },
  spaces: [],
  subjects: [],
  outcome: "ok",
  code: null,
  milliseconds: 1,
  usage: { queries: 1 },
  ...changes,
});

export const addOrganisation = async (database: DirectoryDatabase, id: string = newId()): Promise<string> => {
  const names = { id, name: id, slug: id, plan: null, status: "active", default_space: newId() };
  await database.write([], ({ tables }) =>
    tables
      .insertInto("organisations")
      .values({ ...names, created_at: 0, updated_at: 0 })
      .execute(),
  );
  return id;
};

export const setUpLedger = async () => {
  const data = await mkdtemp(join(tmpdir(), "cairn-ledger-"));
  const database = openSqliteDatabase({ file: join(data, "directory.db") });
  const organisation = await addOrganisation(database);
  const engine = makeFakeEngine(Date.now);
  const directory: SpaceDirectory = makeFakeSpaceDirectory(Date.now);
  const directoryLedger = ledgerOver(database, Date.now);
  const opened: Ledger[] = [];
  const failures: unknown[] = [];
  const open = (changes: Partial<LedgerOptions> = {}): Ledger => {
    const failed = (error: unknown): void => void failures.push(error);
    const ledger = openLedger({
      database,
      engine,
      directory,
      data,
      instance: "server",
      clock: Date.now,
      failed,
      ...changes,
    });
    opened.push(ledger);
    return ledger;
  };
  return {
    data,
    spools: join(data, "spool"),
    database,
    organisation,
    engine,
    directory,
    failures,
    directoryLedger,
    open,
    /** Ids in the chain, in its order; the chain is whole. */
    chained: async (of = organisation): Promise<readonly string[]> => {
      const ids: string[] = [];
      for (;;) {
        const links = await directoryLedger.links(of, ids.length, 1_000);
        ids.push(...links.map(({ entry }) => entry.id));
        if (links.length < 1_000) break;
      }
      const { problem, complete } = await directoryLedger.verify(of, { most: 1_000_000 });
      if (problem !== null || !complete) throw new Error(`The chain is not whole: ${problem}`);
      return ids;
    },
    used: async (metric: string, of = organisation): Promise<number> => {
      const rows = await directoryLedger.usage({
        organisation: of,
        from: "2000-01-01",
        to: "2999-01-01",
        by: "none",
        limit: 10_000,
      });
      return rows.filter((row) => row.metric === metric).reduce((sum, { amount }) => sum + amount, 0);
    },
    [Symbol.asyncDispose]: async () => {
      for (const ledger of opened) await ledger.close();
      await database.close();
      await rm(data, { recursive: true, force: true });
    },
  };
};
