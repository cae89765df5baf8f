import { openPostgresDatabase, type PostgresDatabase } from "@cairn/directory/database/postgres-database";
import { migrateDirectory } from "@cairn/directory/postgres-migrations";
import { tenantsOver } from "@cairn/directory/tenants";
import { agentScopes } from "@cairn/memory/permission/permission";
import { makeDatabase, postgresOrSkip } from "@cairn/testing/postgres/postgres-or-skip";
import { expect, test } from "vitest";
import { openTokens } from "./open-tokens.ts";
import { secretsOf } from "./secrets.ts";

const describe = await postgresOrSkip();

const setUp = async () => {
  const database = await makeDatabase();
  await migrateDirectory({ url: database.url });
  const opened: PostgresDatabase[] = [];
  return {
    server: async () => {
      const one = openPostgresDatabase({ url: database.url });
      opened.push(one);
      await one.hearing();
      const tenants = tenantsOver(one, Date.now);
      const tokens = openTokens({
        tenants,
        secrets: async () => secretsOf(["one secret of thirty-two characters"]),
        clock: Date.now,
        publicUrl: null,
        allowPrivateProviders: false,
        warn: () => undefined,
      });
      const read = (bearer: string) =>
        tokens.reader({ bearer, headers: new Headers(), organisation: null, address: null, unsafe: false });
      return { tenants, tokens, read, caughtUp: one.caughtUp };
    },
    [Symbol.asyncDispose]: async () => {
      for (const one of opened) await one.close();
      await database.drop();
    },
  };
};

describe("tokens of several servers", () => {
  test("TEN-3 are good on all, and end on all with the membership and the signing key", async () => {
    await using setup = await setUp();
    const [one, other] = [await setup.server(), await setup.server()];
    const { organisations } = one.tenants;
    const members = [
      { principal: "user:anna", role: "admin" },
      { principal: "user:bert", role: "viewer" },
    ] as const;
    const { id: organisation } = await organisations.create({ name: "Acme", createdBy: "user:anna", members });
    const issue = (principal: string) =>
      one.tokens.issuer.issue({
        principal,
        organisation,
        scopes: agentScopes,
        space: null,
        key: null,
        instance: null,
        expiresAt: Date.now() + 60_000,
      });
    const [anna, bert] = [await issue("user:anna"), await issue("user:bert")];
    // At once, before word of the new key can have come.
    expect(await other.read(bert)).toMatchObject({ principal: "user:bert", role: "viewer" });
    await organisations.removeMember(organisation, "user:bert");
    await other.caughtUp();
    expect(await other.read(bert)).toBeNull();
    expect(await other.read(anna)).toMatchObject({ role: "admin" });
    await one.tokens.issuer.rotateKeys(true);
    await other.caughtUp();
    expect(await other.read(anna)).toBeNull();
    expect(await other.read(await issue("user:anna"))).not.toBeNull();
  });
});
