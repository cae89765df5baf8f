import { newId } from "@cairn/kernel/id";
import { homeOrganisation, type Identity, localIdentity } from "@cairn/memory/permission/identity";
import { agentScopes } from "@cairn/memory/permission/permission";
import { setUpOperations } from "@cairn/testing/setup-operations";
import { describe, expect, test } from "vitest";
import type { TokenClaims, TokenIssuer } from "../../token-issuer.ts";
import { createSpace } from "../spaces/create.ts";
import { createToken } from "./create.ts";
import { rotateTokenKeys } from "./rotate-keys.ts";

const now = Date.parse("2026-03-14T12:00:00Z");

const anna: Identity = {
  principal: "user:anna",
  credential: "session",
  organisation: homeOrganisation,
  role: "editor",
  scopes: null,
  space: null,
  key: null,
  instance: null,
  administrator: false,
};

const setUp = (identity: Identity) => {
  const issued: TokenClaims[] = [];
  const rotated: boolean[] = [];
  const tokenIssuer: TokenIssuer = {
    issuer: "cairn",
    issue: async (claims) => `token ${issued.push(claims)}`,
    rotateKeys: async (revoke) => {
      rotated.push(revoke);
      return { id: "k", signsFrom: now };
    },
  };
  return { ...setUpOperations({ identity, tokenIssuer }), issued, rotated };
};

describe("tokens.create", () => {
  test("TEN-3 gives whoever signed in a token for a quarter of an hour, for what an agent needs", async () => {
    const { call, issued } = setUp(anna);
    expect(await call(createToken, {})).toEqual({
      token: "token 1",
      tokenType: "Bearer",
      expiresAt: "2026-03-14T12:15:00.000Z",
      scopes: agentScopes,
      space: null,
    });
    expect(issued).toEqual([
      {
        principal: "user:anna",
        organisation: homeOrganisation,
        scopes: agentScopes,
        space: null,
        key: null,
        instance: null,
        expiresAt: now + 900_000,
      },
    ]);
  });

  test("TEN-3 gives a key's caller what the key has, or less, and never more", async () => {
    const scopes = ["memories:read", "spaces:read"] as const;
    const { call, issued } = setUp({ ...anna, credential: "key", key: "k1", instance: "agent-7", scopes });
    expect((await call(createToken, {})).scopes).toEqual(scopes);
    expect(await call(createToken, { scopes: ["memories:read", "memories:read"], expiresIn: 60 })).toMatchObject({
      scopes: ["memories:read"],
      expiresAt: "2026-03-14T12:01:00.000Z",
    });
    expect(issued).toMatchObject([{ key: "k1", instance: "agent-7" }, { key: "k1" }]);
    await expect(call(createToken, { scopes: ["memories:read", "memories:write"] })).rejects.toMatchObject({
      code: "auth.scope_missing",
    });
    expect(issued).toHaveLength(2);
  });

  test("TEN-3 gives a person more than an agent needs only where that is asked for", async () => {
    const { call } = setUp(anna);
    expect((await call(createToken, { scopes: ["server:manage"] })).scopes).toEqual(["server:manage"]);
  });

  test("TEN-3 a token made from a token ends with it, and is for no more", async () => {
    const { call } = setUp({ ...anna, credential: "token", scopes: ["memories:read"], until: now + 100_000 });
    expect(await call(createToken, { expiresIn: 3_600 })).toMatchObject({
      expiresAt: "2026-03-14T12:01:40.000Z",
      scopes: ["memories:read"],
    });
    expect(await call(createToken, { expiresIn: 60 })).toMatchObject({ expiresAt: "2026-03-14T12:01:00.000Z" });
    await expect(call(createToken, { scopes: ["memories:write"] })).rejects.toMatchObject({
      code: "auth.scope_missing",
    });
  });

  test("TEN-3 is for one space that its maker may read, by name or id", async () => {
    const { call, issued } = setUp(anna);
    const { id } = await call(createSpace, { name: "project" });
    expect(await call(createToken, { space: "Project" })).toMatchObject({ space: id });
    expect(issued).toMatchObject([{ space: id }]);
    await expect(call(createToken, { space: newId() })).rejects.toMatchObject({ code: "space.not_found" });
  });

  test("TEN-3 whoever is bound to a space gets tokens for that one", async () => {
    const { call: owner, pipeline, caller } = setUp(anna);
    const { id } = await owner(createSpace, { name: "project" });
    const other = await owner(createSpace, { name: "elsewhere" });
    const bound = { ...anna, credential: "key", key: "k1", scopes: agentScopes, space: id } as const;
    const call = (input: unknown) => pipeline.call(createToken, { ...caller, identity: bound }, input);
    expect(await call({})).toMatchObject({ space: id });
    expect(await call({ space: id })).toMatchObject({ space: id });
    await expect(call({ space: other.id })).rejects.toMatchObject({ code: "space.not_found" });
  });

  test.each([
    ["has no sign-in", localIdentity("loopback")],
    ["is at the shell", localIdentity("shell")],
    ["comes with a token of another provider", { ...anna, credential: "provider" } as const],
  ])("TEN-3 is refused to whoever %s", async (_who, identity) => {
    const { call, issued } = setUp(identity);
    await expect(call(createToken, {})).rejects.toMatchObject({ code: "auth.forbidden" });
    expect(issued).toEqual([]);
  });

  test("TEN-3 is refused where no tokens are issued", async () => {
    const { call } = setUpOperations({ identity: anna });
    await expect(call(createToken, {})).rejects.toMatchObject({ code: "auth.forbidden" });
  });

  test.each([
    { expiresIn: 59 },
    { expiresIn: 3_601 },
    { expiresIn: 90.5 },
    { scopes: [] },
    { scopes: ["public"] },
    { scopes: ["self:use"] },
    { scopes: "memories:read" },
    { space: "" },
  ])("TEN-3 does not take %j", async (input) => {
    const { call } = setUp(anna);
    await expect(call(createToken, input)).rejects.toMatchObject({ code: "request.invalid" });
  });
});

describe("tokens.rotate_keys", () => {
  test("TEN-3 is for administrators of the server", async () => {
    const { call, rotated } = setUp({ ...anna, role: "admin" });
    await expect(call(rotateTokenKeys, {})).rejects.toMatchObject({ code: "auth.forbidden" });
    expect(rotated).toEqual([]);
  });

  test("TEN-3 makes a new key, and revokes those before where that is asked for", async () => {
    const { call, rotated } = setUp(localIdentity("shell"));
    expect(await call(rotateTokenKeys, {})).toEqual({ id: "k", signsFrom: "2026-03-14T12:00:00.000Z" });
    await call(rotateTokenKeys, { revoke: true });
    expect(rotated).toEqual([false, true]);
  });
});
