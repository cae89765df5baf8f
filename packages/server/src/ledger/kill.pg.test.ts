import { existsSync, readdirSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openPostgresDatabase } from "@cairn/directory/database/postgres-database";
import { ledgerOver } from "@cairn/directory/ledger/ledger-over";
import { migrateDirectory } from "@cairn/directory/postgres-migrations";
import { runUntilKilled } from "@cairn/testing/crash/run-until-killed";
import { makeFakeEngine } from "@cairn/testing/fake-engine";
import { makeFakeSpaceDirectory } from "@cairn/testing/fake-space-directory";
import { makeDatabase, postgresOrSkip } from "@cairn/testing/postgres/postgres-or-skip";
import { expect, test } from "vitest";
import { openLedger } from "./open-ledger.ts";
import { addOrganisation } from "@cairn/testing/ledger-setup";

const describe = await postgresOrSkip();
const program = "./ledger-worker.ts";

describe("on PostgreSQL", () => {
  test("TEN-6 TEN-8 two servers on one database that are killed lose nothing and count nothing twice", async () => {
    await using database = await makeDatabase();
    await migrateDirectory({ url: database.url });
    const { url } = await database.makeLogin("NOINHERIT IN ROLE cairn_directory_app");
    const shared = openPostgresDatabase({ url });
    const folders = await Promise.all([0, 1].map(() => mkdtemp(join(tmpdir(), "cairn-ledger-"))));
    try {
      const organisation = await addOrganisation(shared);
      const told: string[] = [];
      const run = (data: string, lifeMs: number, killsAt = 0) =>
        runUntilKilled(program, [data, url, organisation, String(killsAt)], lifeMs, (line) =>
          told.push((line as { id: string }).id),
        );
      // One at a random moment, one between a commit and the removal of its file.
      await Promise.all([run(folders[0]!, 600), run(folders[1]!, 20_000, 4)]);
      expect(told.length).toBeGreaterThan(20);
      const failures: unknown[] = [];
      for (const data of folders) {
        const next = openLedger({
          database: shared,
          engine: makeFakeEngine(Date.now),
          directory: makeFakeSpaceDirectory(Date.now),
          data,
          instance: "next",
          clock: Date.now,
          failed: (error) => void failures.push(error),
          everyMs: 10,
        });
        next.start();
        const spools = join(data, "spool");
        await expect.poll(() => (existsSync(spools) ? readdirSync(spools) : []), { timeout: 10_000 }).toEqual([]);
        await next.close();
      }
      const ledger = ledgerOver(shared, Date.now);
      const ids = new Set<string>();
      const head = await ledger.head(organisation);
      while (ids.size < head.seq) {
        for (const { entry } of await ledger.links(organisation, ids.size, 1_000)) ids.add(entry.id);
      }
      expect(told.filter((id) => !ids.has(id))).toEqual([]);
      expect(await ledger.verify(organisation, { most: 1_000_000 })).toMatchObject({ problem: null, complete: true });
      const period = { from: "2000-01-01", to: "2999-01-01", by: "none", limit: 100 } as const;
      const rows = await ledger.usage({ organisation, ...period });
      const calls = rows.filter(({ metric }) => metric === "calls").reduce((sum, { amount }) => sum + amount, 0);
      expect(calls).toBe(ids.size);
      expect(failures).toEqual([]);
    } finally {
      await shared.close();
      for (const folder of folders) await rm(folder, { recursive: true, force: true });
    }
  });
});
