import { openPostgresDatabase, type PostgresDatabase } from "@cairn/directory/database/postgres-database";
import { migrateDirectory } from "@cairn/directory/postgres-migrations";
import { tokensOver } from "@cairn/directory/tokens/tokens-over";
import { makeDatabase, postgresOrSkip } from "@cairn/testing/postgres/postgres-or-skip";
import { expect, test } from "vitest";
import { secretsOf } from "./secrets.ts";
import { makeSigningKeys } from "./signing-keys.ts";

const describe = await postgresOrSkip();

const setUp = async () => {
  const database = await makeDatabase();
  await migrateDirectory({ url: database.url });
  const opened: PostgresDatabase[] = [];
  return {
    /** A server that hears of what others write. */
    server: async () => {
      const one = openPostgresDatabase({ url: database.url });
      opened.push(one);
      await one.hearing();
      const directory = tokensOver(one, Date.now).signingKeys;
      const secrets = async () => secretsOf(["one secret of thirty-two characters"]);
      return { directory, caughtUp: one.caughtUp, keys: makeSigningKeys({ directory, secrets, clock: Date.now }) };
    },
    [Symbol.asyncDispose]: async () => {
      for (const one of opened) await one.close();
      await database.drop();
    },
  };
};

describe("signing keys of several servers on PostgreSQL", () => {
  test("TEN-3 are the same on all, whoever makes and rotates them at the same time", async () => {
    await using setup = await setUp();
    const servers = await Promise.all([setup.server(), setup.server(), setup.server()]);
    const first = await Promise.all(servers.map(({ keys }) => keys.signer()));
    expect(new Set(first.map(({ id }) => id)).size).toBe(1);
    const rotated = await Promise.all(servers.map(({ keys }) => keys.rotate(false)));
    expect(new Set(rotated.map(({ id }) => id)).size).toBe(3);
    for (const { keys, caughtUp } of servers) {
      await caughtUp();
      expect(new Set((await keys.published()).map(({ kid }) => kid))).toEqual(
        new Set([first[0]?.id, ...rotated.map(({ id }) => id)]),
      );
    }
  });

  test("TEN-3 a leaked key is gone on every server, also when several revoke it at the same time", async () => {
    await using setup = await setUp();
    const servers = await Promise.all([setup.server(), setup.server(), setup.server()]);
    const leaked = await servers[0].keys.signer();
    await Promise.all(servers.map(({ keys }) => keys.find(leaked.id)));
    await Promise.all(servers.map(({ keys }) => keys.rotate(true)));
    for (const { keys, directory, caughtUp } of servers) {
      await caughtUp();
      expect(await keys.find(leaked.id)).toBeNull();
      expect(await directory.all()).toHaveLength(1);
    }
    const signers = await Promise.all(servers.map(({ keys }) => keys.signer()));
    expect(new Set(signers.map(({ id }) => id)).size).toBe(1);
  });
});
