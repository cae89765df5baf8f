import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describeKeys } from "@cairn/testing/keys-conformance";
import { openSqliteDatabase, type SqliteDatabase } from "../database/sqlite-database.ts";
import { keysOver } from "./keys-over.ts";

describeKeys("SQLite", async () => {
  const folder = await mkdtemp(join(tmpdir(), "cairn-keys-"));
  const opened: SqliteDatabase[] = [];
  let now = Date.parse("2026-03-14T12:00:00Z");
  return {
    open: async () => {
      const database = openSqliteDatabase({ file: join(folder, "directory.db") });
      opened.push(database);
      return { database, keys: keysOver(database, () => now) };
    },
    pass: (milliseconds) => {
      now += milliseconds;
    },
    now: () => now,
    [Symbol.asyncDispose]: async () => {
      for (const database of opened) await database.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
});
