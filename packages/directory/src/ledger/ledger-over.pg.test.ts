import { makeDatabase, postgresOrSkip } from "@cairn/testing/postgres/postgres-or-skip";
import { describeLedger } from "@cairn/testing/ledger-conformance";
import pg from "pg";
import { afterAll } from "vitest";
import { openPostgresDatabase, type PostgresDatabase } from "../database/postgres-database.ts";
import { migrateDirectory } from "../postgres-migrations.ts";

const describe = await postgresOrSkip();

const makeShared = async () => {
  const database = await makeDatabase();
  await migrateDirectory({ url: database.url });
  return { database, ...(await database.makeLogin("NOINHERIT IN ROLE cairn_directory_app")) };
};
let shared: ReturnType<typeof makeShared> | undefined;
afterAll(async () => (await shared)?.database.drop());

const names = (statement: string): string =>
  statement.replaceAll("{audit}", "cairn_directory.audit_entries").replaceAll("{heads}", "cairn_directory.audit_heads");

const asNew = ["audit_entries", "audit_heads", "usage_days", "spools"]
  .map((table) => `delete from cairn_directory.${table};`)
  .join("");

const setUp = async () => {
  const { database, url } = await (shared ??= makeShared());
  await database.run(asNew);
  const opened: PostgresDatabase[] = [];
  return {
    open: () => {
      const one = openPostgresDatabase({ url });
      opened.push(one);
      return one;
    },
    tamper: (statement: string) => database.run(names(statement)),
    attempt: async (statement: string) => {
      const client = new pg.Client({ connectionString: url });
      await client.connect();
      try {
        await client.query(`set role cairn_directory_app; ${names(statement)}`);
      } finally {
        await client.end();
      }
    },
    [Symbol.asyncDispose]: async () => {
      for (const one of opened) await one.close();
    },
  };
};

describe("on PostgreSQL", () => {
  describeLedger("PostgreSQL", setUp);
});
