import { openPostgresDatabase, type PostgresDatabase } from "@cairn/directory/database/postgres-database";
import { migrateDirectory } from "@cairn/directory/postgres-migrations";
import { makeDatabase, postgresOrSkip } from "@cairn/testing/postgres/postgres-or-skip";
import { afterAll, expect, test } from "vitest";
import { testAccounts, type TestAccountsOptions } from "./accounts.fixture.ts";
import { describeAccountAttacks } from "./account-attacks-suite.fixture.ts";
import { describeAccounts } from "./accounts-suite.fixture.ts";

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
const asNew = tables.map((table) => `delete from cairn_directory.${table};`).join("");

const open = async (options: TestAccountsOptions = {}) => {
  const { database, url } = await (shared ??= makeShared());
  await database.run(asNew);
  return testAccounts({ ...options, database: openPostgresDatabase({ url }) });
};

describe("on PostgreSQL", () => {
  describeAccounts("PostgreSQL", open);
  describeAccountAttacks("PostgreSQL", open);

  test("TEN-1 a session that is ended on one server is over on the other within a second", async () => {
    await using one = await open();
    const { url } = await shared!;
    const database: PostgresDatabase = openPostgresDatabase({ url });
    await using two = await testAccounts({ database, publicUrl: one.url });
    await database.hearing();
    const anna = await one.signUp("anna@example.com");
    const read = () =>
      two.accounts.sessionReader({
        bearer: null,
        headers: new Headers({ cookie: Array.from(anna.cookies, ([name, value]) => `${name}=${value}`).join("; ") }),
        organisation: null,
        address: null,
        unsafe: false,
      });
    await database.caughtUp();
    expect(await read()).toMatchObject({ credential: "session" });
    const asked = database.figures().asked;
    const token = decodeURIComponent(anna.cookies.get("cairn.session_token") ?? "").split(".")[0] ?? "";
    expect(await two.tenants.people.session(token)).not.toBeNull();
    expect(database.figures().asked).toBe(asked);
    await anna.post("/auth/sign-out");
    await database.caughtUp();
    expect(await read()).toBeNull();
  });
});
