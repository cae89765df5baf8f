import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describeTokens } from "@cairn/testing/tokens-conformance";
import { openSqliteDatabase, type SqliteDatabase } from "../database/sqlite-database.ts";
import { tokensOver } from "./tokens-over.ts";

describeTokens("SQLite", async () => {
  const folder = await mkdtemp(join(tmpdir(), "cairn-tokens-"));
  const opened: SqliteDatabase[] = [];
  return {
    open: () => {
      const database = openSqliteDatabase({ file: join(folder, "directory.db") });
      opened.push(database);
      return tokensOver(database, Date.now);
    },
    [Symbol.asyncDispose]: async () => {
      for (const database of opened) await database.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
});
