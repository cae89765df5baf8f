import { homeOrganisation } from "@cairn/memory/permission/identity";
import { describePeople } from "@cairn/testing/people-conformance";
import { makeDatabase, postgresOrSkip } from "@cairn/testing/postgres/postgres-or-skip";
import { afterAll } from "vitest";
import type { DirectoryDatabase } from "../database/directory-database.ts";
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

const tables = [
  "people",
  "accounts",
  "sessions",
  "verifications",
  "second_factors",
  "attempts",
  "members",
  "invitations",
];
const others = `delete from cairn_directory.organisations where id <> '${homeOrganisation}';`;
const asNew = others + tables.map((table) => `delete from cairn_directory.${table};`).join("");

describe("on PostgreSQL", () => {
  describePeople("PostgreSQL", async () => {
    const { database, url } = await (shared ??= makeShared());
    await database.run(asNew);
    const opened: PostgresDatabase[] = [];
    return {
      open: () => {
        const made = openPostgresDatabase({ url });
        opened.push(made);
        return made;
      },
      caughtUp: (made: DirectoryDatabase) => (made as PostgresDatabase).caughtUp(),
      [Symbol.asyncDispose]: async () => {
        for (const made of opened) await made.close();
      },
    };
  });
});
