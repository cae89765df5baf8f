import type { DirectoryDatabase } from "@cairn/directory/database/directory-database";
import { openPostgresDatabase, type PostgresDatabase } from "@cairn/directory/database/postgres-database";
import { migrateDirectory } from "@cairn/directory/postgres-migrations";
import { makeDatabase, postgresOrSkip } from "@cairn/testing/postgres/postgres-or-skip";
import { afterAll } from "vitest";
import { describeKeyReader } from "./key-reader.fixture.ts";

const describe = await postgresOrSkip();

const makeShared = async () => {
  const database = await makeDatabase();
  await migrateDirectory({ url: database.url });
  return { database, ...(await database.makeLogin("NOINHERIT IN ROLE cairn_directory_app")) };
};
let shared: ReturnType<typeof makeShared> | undefined;
afterAll(async () => (await shared)?.database.drop());

describe("on servers that share a database", () => {
  describeKeyReader("PostgreSQL", async () => {
    const { database: served, url } = await (shared ??= makeShared());
    await served.run("delete from cairn_directory.keys; delete from cairn_directory.members");
    const opened: PostgresDatabase[] = [];
    return {
      open: async () => {
        const database = openPostgresDatabase({ url });
        opened.push(database);
        await database.hearing();
        return database;
      },
      caughtUp: (database: DirectoryDatabase) => (database as PostgresDatabase).caughtUp(),
      [Symbol.asyncDispose]: async () => {
        for (const database of opened) await database.close();
      },
    };
  });
});
