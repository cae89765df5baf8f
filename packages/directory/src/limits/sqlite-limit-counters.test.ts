import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describeLimitCounters } from "@cairn/testing/limits-conformance";
import { describeTenantCounts } from "@cairn/testing/tenant-counts-conformance";
import Database from "better-sqlite3-multiple-ciphers";
import { expect, test } from "vitest";
import { openSqliteDatabase } from "../database/sqlite-database.ts";
import type { LimitCounters } from "./limit-counters.ts";
import { openSqliteLimitCounters } from "./sqlite-limit-counters.ts";

const setUp = async () => {
  const folder = await mkdtemp(join(tmpdir(), "cairn-limits-"));
  const file = join(folder, "deeper", "limits.db");
  const opened: LimitCounters[] = [];
  let now = 1_200_000;
  return {
    folder,
    file,
    open: () => {
      const counters = openSqliteLimitCounters({ file, clock: () => now });
      opened.push(counters);
      return counters;
    },
    pass: (milliseconds: number) => void (now += milliseconds),
    [Symbol.asyncDispose]: async () => {
      for (const counters of opened) await counters.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
};

describeLimitCounters("SQLite", setUp);
describeTenantCounts("SQLite", async () => {
  const database = openSqliteDatabase({ file: ":memory:" });
  return { database, [Symbol.asyncDispose]: database.close };
});

const hit = { key: "tenant o", most: 1_000, windowMs: 3_600_000 };

test("TEN-4 the file is not touched before the first question, and counts by the machine's clock", async () => {
  await using setup = await setUp();
  const counters = openSqliteLimitCounters({ file: setup.file });
  expect(await readdir(setup.folder)).toEqual([]);
  const [answer] = await counters.hit([hit]);
  expect(answer).toMatchObject({ admitted: true, remaining: 999 });
  expect(answer!.resetMs).toBeLessThanOrEqual(3_600_000);
  await counters.close();
  await expect(counters.hit([hit])).rejects.toMatchObject({ code: "storage.unavailable" });
});

test("TEN-4 several processes count together", async () => {
  await using setup = await setUp();
  const script = `
    const { openSqliteLimitCounters } = await import(process.argv[1]);
    const counters = openSqliteLimitCounters({ file: process.argv[2], clock: () => 1_200_000 });
    let passed = 0;
    for (let call = 0; call < 100; call += 1)
      if ((await counters.hit([{ key: "k", most: 150, windowMs: 60_000 }]))[0].admitted) passed += 1;
    await counters.close();
    process.stdout.write(String(passed));
  `;
  const module = new URL("sqlite-limit-counters.ts", import.meta.url).href;
  const passed = await Promise.all(
    ["a", "b"].map(async () => {
      const child = spawn(process.execPath, ["--input-type=module", "-e", script, module, setup.file], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      const [[told]] = await Promise.all([once(child.stdout, "data"), once(child, "exit")]);
      return Number(String(told));
    }),
  );
  expect(passed.reduce((sum, one) => sum + one, 0)).toBe(150);
});

test("TEN-4 a damaged file, or one of a newer version, is a coded error", async () => {
  await using setup = await setUp();
  const damaged = join(setup.folder, "damaged.db");
  await writeFile(damaged, "This is no database, whatever its name says. ".repeat(100));
  const counters = openSqliteLimitCounters({ file: damaged });
  await expect(counters.hit([hit])).rejects.toMatchObject({ code: "storage.corrupt" });
  await counters.close();
  await setup.open().hit([hit]);
  const other = new Database(setup.file);
  other.pragma("user_version = 99");
  other.close();
  await expect(setup.open().hit([hit])).rejects.toMatchObject({ code: "storage.newer" });
});
