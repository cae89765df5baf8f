import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describeOrganisations } from "@cairn/testing/organisations-conformance";
import { openSqliteDatabase, type SqliteDatabase } from "../database/sqlite-database.ts";

describeOrganisations("SQLite", async () => {
  const folder = await mkdtemp(join(tmpdir(), "cairn-organisations-"));
  const opened: SqliteDatabase[] = [];
  return {
    open: () => {
      const database = openSqliteDatabase({ file: join(folder, "directory.db") });
      opened.push(database);
      return database;
    },
    [Symbol.asyncDispose]: async () => {
      for (const database of opened) await database.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
});
