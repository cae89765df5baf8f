import { openSqliteDatabase } from "@cairn/directory/database/sqlite-database";
import { tenantsOver } from "@cairn/directory/tenants";
import { agentScopes } from "@cairn/memory/permission/permission";
import { expect, test } from "vitest";
import { openTokens } from "./open-tokens.ts";
import { secretsOf } from "./secrets.ts";

const setUp = (publicUrl: string | null) => {
  const database = openSqliteDatabase({ file: ":memory:" });
  const tenants = tenantsOver(database, Date.now);
  let asked = 0;
  const tokens = openTokens({
    tenants,
    secrets: async () => {
      asked += 1;
      return secretsOf(["one secret of thirty-two characters"]);
    },
    clock: Date.now,
    publicUrl,
    allowPrivateProviders: false,
    warn: () => undefined,
  });
  const read = (bearer: string) =>
    tokens.reader({ bearer, headers: new Headers(), organisation: null, address: null, unsafe: false });
  return { tenants, tokens, read, asked: () => asked, [Symbol.asyncDispose]: () => database.close() };
};

test("TEN-3 a member's token is good until the member is removed or the organisation suspended", async () => {
  await using world = setUp("https://memory.example.com");
  const { organisations } = world.tenants;
  const members = [
    { principal: "user:anna", role: "admin" },
    { principal: "user:bert", role: "editor" },
  ] as const;
  const { id: organisation } = await organisations.create({ name: "Acme", createdBy: "user:anna", members });
  const issue = (principal: string) =>
    world.tokens.issuer.issue({
      principal,
      organisation,
      scopes: agentScopes,
      space: null,
      key: null,
      instance: null,
      expiresAt: Date.now() + 60_000,
    });
  const [anna, bert] = [await issue("user:anna"), await issue("user:bert")];
  expect(await world.read(bert)).toMatchObject({ principal: "user:bert", organisation, role: "editor" });
  await organisations.removeMember(organisation, "user:bert");
  expect(await world.read(bert)).toBeNull();
  expect(await world.read(anna)).toMatchObject({ role: "admin", administrator: false });
  await organisations.update(organisation, { status: "suspended" });
  await expect(world.read(anna)).rejects.toMatchObject({ code: "organisation.suspended" });
});

test("TEN-3 the secret is asked for only where a token is signed", async () => {
  await using world = setUp(null);
  expect(world.tokens.issuer.issuer).toBe("cairn");
  expect(await world.read("e30.e30.AA")).toBeNull();
  expect(await world.tokens.keys.published()).toEqual([]);
  expect(world.asked()).toBe(0);
});
