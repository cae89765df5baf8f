import { describeOrganisations } from "@cairn/testing/organisations-conformance";
import { makeDatabase, postgresOrSkip } from "@cairn/testing/postgres/postgres-or-skip";
import { homeOrganisation } from "@cairn/memory/permission/identity";
import { afterAll, expect, test } from "vitest";
import type { DirectoryDatabase } from "../database/directory-database.ts";
import { openPostgresDatabase, type PostgresDatabase } from "../database/postgres-database.ts";
import { migrateDirectory } from "../postgres-migrations.ts";
import { defaultSpaceId } from "../space-directory.ts";
import { organisationsOver } from "./organisations-over.ts";

const describe = await postgresOrSkip();

/** Making a database takes longer than most of these tests: they share one, which each finds as new. */
const makeShared = async () => {
  const database = await makeDatabase();
  await migrateDirectory({ url: database.url });
  return { database, ...(await database.makeLogin("NOINHERIT IN ROLE cairn_directory_app")) };
};
let shared: ReturnType<typeof makeShared> | undefined;
afterAll(async () => (await shared)?.database.drop());

const asNew = `
  delete from cairn_directory.spaces where id <> '${defaultSpaceId}';
  delete from cairn_directory.organisations where id <> '${homeOrganisation}';
  delete from cairn_directory.members; delete from cairn_directory.invitations;
  delete from cairn_directory.grants; delete from cairn_directory.keys;
  delete from cairn_directory.audit_entries; delete from cairn_directory.audit_heads`;

const setUp = async () => {
  const { database, url } = await (shared ??= makeShared());
  await database.run(asNew);
  const opened: PostgresDatabase[] = [];
  return {
    database,
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
};

describe("on PostgreSQL", () => {
  describeOrganisations("PostgreSQL", setUp);

  test("OPS-5 a server asks once for what it remembers, and forgets what is changed by hand", async () => {
    await using setup = await setUp();
    const database = setup.open();
    const { find, roleOf, grantsOf, create, setGrant } = organisationsOver(database, Date.now);
    await database.hearing();
    const anna = { principal: "user:anna", role: "admin" } as const;
    const { id, defaultSpace } = await create({ name: "Acme", members: [anna], createdBy: "local" });
    await setGrant(defaultSpace, { principal: "user:anna", actions: ["read"], by: "local" });
    await database.caughtUp();
    const ask = async () => [
      (await find(id))?.status,
      await roleOf(id, "user:anna"),
      (await grantsOf(defaultSpace)).map(({ actions }) => actions),
    ];
    expect(await ask()).toEqual(["active", "admin", [["read"]]]);
    const { asked } = database.figures();
    await ask();
    expect(database.figures().asked).toBe(asked);
    await setup.database.run(`
      update cairn_directory.organisations set status = 'suspended' where id = '${id}';
      update cairn_directory.members set role = 'viewer' where organisation = '${id}';
      update cairn_directory.grants set actions = '' where space = '${defaultSpace}'`);
    await database.caughtUp();
    expect(await ask()).toEqual(["suspended", "viewer", [[]]]);
    await setup.database.run(`delete from cairn_directory.members where organisation = '${id}'`);
    await database.caughtUp();
    expect(await roleOf(id, "user:anna")).toBeNull();
  });
});
