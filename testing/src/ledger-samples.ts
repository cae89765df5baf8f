/** What suites of the ledger are made of: setups, entries, counts, segments. */
import type { DirectoryDatabase } from "@cairn/directory/database/directory-database";
import type { LedgerDirectory, Segment } from "@cairn/directory/ledger/ledger-directory";
import { ledgerOver } from "@cairn/directory/ledger/ledger-over";
import type { UsageCount } from "@cairn/directory/ledger/usage";
import { newId } from "@cairn/kernel/id";
import type { AuditEntry } from "@cairn/memory/audit/audit-entry";

export interface LedgerSetup extends AsyncDisposable {
  readonly open: () => DirectoryDatabase;
  /** Runs a statement past all protection, with `{audit}` for the table's name, as whoever owns the database could. */
  readonly tamper: (statement: string) => Promise<unknown>;
  /** Runs a statement with the application's rights. */
  readonly attempt: (statement: string) => Promise<unknown>;
}

export const start = Date.parse("2026-03-14T12:00:00Z");

export const makeEntry = (organisation: string, changes: Partial<AuditEntry> = {}): AuditEntry => ({
  id: newId(),
  at: start,
  organisation,
  principal: "user:anna",
  credential: "session",
  key: null,
  instance: "laptop",
  operation: "memories.get",
  kind: "read",
  outcome: "ok",
  code: null,
  spaces: [],
  subjects: [],
  address: "192.0.2.1",
  requestId: "request-1",
  ...changes,
});

export const makeCount = (organisation: string, changes: Partial<UsageCount> = {}): UsageCount => ({
  organisation,
  day: "2026-03-14",
  metric: "calls",
  space: "",
  key: "",
  amount: 1,
  ...changes,
});

export const makeSegment = (changes: Partial<Segment>): Segment => ({
  spool: newId(),
  number: 1,
  entries: [],
  counts: [],
  ...changes,
});

export const addOrganisation = async (database: DirectoryDatabase): Promise<string> => {
  const id = newId();
  await database.write([], ({ tables }) =>
    tables
      .insertInto("organisations")
      .values({
        id,
        name: id,
        slug: id,
        plan: null,
        status: "active",
        default_space: newId(),
        created_at: start,
        updated_at: start,
      })
      .execute(),
  );
  return id;
};

export const begin = async (setup: LedgerSetup) => {
  const database = setup.open();
  const ledger = ledgerOver(database, () => start);
  return { database, ledger, organisation: await addOrganisation(database) };
};

export const allUsage = { from: "2026-03-01", to: "2026-03-31", by: "none", limit: 1_000 } as const;
export const callsOf = async (ledger: LedgerDirectory, organisation: string): Promise<number> => {
  const rows = await ledger.usage({ ...allUsage, organisation });
  return rows.filter(({ metric }) => metric === "calls").reduce((sum, { amount }) => sum + amount, 0);
};

export const upTo = (count: number): readonly number[] => Array.from({ length: count }, (_, index) => index);
