import { makeDatabase, postgresOrSkip } from "@cairn/testing/postgres/postgres-or-skip";
import { describeKeys } from "@cairn/testing/keys-conformance";
import { homeOrganisation } from "@cairn/memory/permission/identity";
import pg from "pg";
import { afterAll, expect, test } from "vitest";
import { openPostgresDatabase, type PostgresDatabase } from "../database/postgres-database.ts";
import { migrateDirectory } from "../postgres-migrations.ts";
import { changesChannel } from "../schema-steps.ts";
import { keyTopic, newKeyTopic, type NewKey } from "./key-directory.ts";
import { hashKey } from "./key-hash.ts";
import { mintKey } from "./key-format.ts";
import { keysOver } from "./keys-over.ts";

const describe = await postgresOrSkip();

const makeShared = async () => {
  const database = await makeDatabase();
  await migrateDirectory({ url: database.url });
  return { database, ...(await database.makeLogin("NOINHERIT IN ROLE cairn_directory_app")) };
};
let shared: ReturnType<typeof makeShared> | undefined;
afterAll(async () => (await shared)?.database.drop());

const setUp = async () => {
  const { database: served, url } = await (shared ??= makeShared());
  await served.run("delete from cairn_directory.keys");
  const opened: PostgresDatabase[] = [];
  let now = Date.parse("2026-03-14T12:00:00Z");
  return {
    served,
    open: async () => {
      const database = openPostgresDatabase({ url });
      opened.push(database);
      await database.hearing();
      return { database, keys: keysOver(database, () => now) };
    },
    caughtUp: ({ database }: { readonly database: unknown }) => (database as PostgresDatabase).caughtUp(),
    pass: (milliseconds: number) => {
      now += milliseconds;
    },
    now: () => now,
    [Symbol.asyncDispose]: async () => {
      for (const database of opened) await database.close();
    },
  };
};

describe("keys in PostgreSQL", () => {
  describeKeys("PostgreSQL", setUp);

  test("TEN-2 servers hear of what changes a key, and not of its uses", async () => {
    await using setup = await setUp();
    const { keys } = await setup.open();
    const listener = new pg.Client({ connectionString: setup.served.url });
    await listener.connect();
    const heard: string[] = [];
    let marked: () => void = () => undefined;
    listener.on("notification", ({ payload = "" }) => (payload === "mark" ? marked() : heard.push(payload)));
    await listener.query(`listen ${changesChannel}`);
    const since = async (): Promise<readonly string[]> => {
      const arrived = new Promise<void>((resolve) => (marked = resolve));
      await listener.query(`select pg_notify('${changesChannel}', 'mark')`);
      await arrived;
      return heard.splice(0);
    };
    try {
      const { id, key } = mintKey();
      const made: NewKey = {
        id,
        organisation: homeOrganisation,
        owner: null,
        role: "viewer",
        space: null,
        label: "Told",
        scopes: [],
        instance: null,
        addresses: null,
        replaces: null,
        createdBy: "local",
        expiresAt: null,
        ...hashKey({ id: "pepper", bytes: Buffer.alloc(32) }, key),
      };
      await keys.create(made);
      expect((await since()).toSorted()).toEqual([keyTopic(id), newKeyTopic(homeOrganisation)].toSorted());
      await keys.noteUses([{ id, at: 1, from: "192.0.2.1" }]);
      expect(await since()).toEqual([]);
      await keys.revoke(homeOrganisation, id);
      expect(await since()).toEqual([keyTopic(id)]);
    } finally {
      await listener.end();
    }
  });
});
