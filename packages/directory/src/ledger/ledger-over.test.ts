import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describeLedger } from "@cairn/testing/ledger-conformance";
import Database from "better-sqlite3-multiple-ciphers";
import { openSqliteDatabase, type SqliteDatabase } from "../database/sqlite-database.ts";

const names = (statement: string): string =>
  statement.replaceAll("{audit}", "audit_entries").replaceAll("{heads}", "audit_heads");

const setUp = async () => {
  const folder = await mkdtemp(join(tmpdir(), "cairn-ledger-"));
  const file = join(folder, "directory.db");
  const opened: SqliteDatabase[] = [];
  const run = (statements: string): void => {
    const database = new Database(file);
    try {
      database.exec(statements);
    } finally {
      database.close();
    }
  };
  return {
    open: () => {
      const database = openSqliteDatabase({ file });
      opened.push(database);
      return database;
    },
    tamper: async (statement: string) =>
      run(
        `drop trigger if exists audit_entries_unchanged; drop trigger if exists audit_entries_kept; ${names(statement)}`,
      ),
    attempt: async (statement: string) => run(names(statement)),
    [Symbol.asyncDispose]: async () => {
      for (const database of opened) await database.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
};

describeLedger("SQLite", setUp);
