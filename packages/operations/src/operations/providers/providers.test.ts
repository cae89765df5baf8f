import { newId } from "@cairn/kernel/id";
import { homeOrganisation, type Identity } from "@cairn/memory/permission/identity";
import { agentScopes } from "@cairn/memory/permission/permission";
import { setUpOperations } from "@cairn/testing/setup-operations";
import { describe, expect, test } from "vitest";
import { createSpace } from "../spaces/create.ts";
import { createProvider } from "./create.ts";
import { getProvider } from "./get.ts";
import { listProviders } from "./list.ts";
import { removeProvider } from "./remove.ts";
import { updateProvider } from "./update.ts";

const admin: Identity = {
  principal: "user:anna",
  credential: "session",
  organisation: homeOrganisation,
  role: "admin",
  scopes: null,
  space: null,
  key: null,
  instance: null,
  administrator: false,
};

const least = {
  issuer: "https://login.example.com",
  audience: "cairn-acme",
  jwksUri: "https://login.example.com/keys",
  defaultRole: "editor",
} as const;

const issuing = { issuer: "https://memory.example.com", issue: async () => "", rotateKeys: async () => null as never };
const setUp = (identity: Identity = admin) => setUpOperations({ identity, tokenIssuer: issuing });

describe("identity providers", () => {
  test("TEN-3 are set up with little, changed, listed and removed", async () => {
    const { call } = setUp();
    const made = await call(createProvider, least);
    expect(made).toEqual({
      ...least,
      id: expect.any(String) as string,
      algorithms: ["RS256"],
      subjectClaim: "sub",
      roleClaim: null,
      roles: [],
      scopes: agentScopes,
      space: null,
      instanceClaim: null,
      createdAt: "2026-03-14T12:00:00.000Z",
      updatedAt: "2026-03-14T12:00:00.000Z",
    });
    const roles = [{ value: "staff", role: "editor" }];
    const changed = await call(updateProvider, { id: made.id, roleClaim: "groups", roles, defaultRole: null });
    expect(changed).toEqual({ ...made, roleClaim: "groups", roles, defaultRole: null });
    expect(await call(getProvider, { id: made.id })).toEqual(changed);
    expect(await call(listProviders, {})).toEqual({ providers: [changed] });
    expect(await call(removeProvider, { id: made.id })).toEqual({ success: true, id: made.id });
    expect(await call(listProviders, {})).toEqual({ providers: [] });
    await expect(call(getProvider, { id: made.id })).rejects.toMatchObject({ code: "provider.not_found" });
  });

  test("TEN-3 are bound to a space that is there", async () => {
    const { call } = setUp();
    const { id: space } = await call(createSpace, { name: "project" });
    const made = await call(createProvider, { ...least, space: "project" });
    expect(made).toMatchObject({ space });
    expect(await call(updateProvider, { id: made.id, space: null })).toMatchObject({ space: null });
    await expect(call(updateProvider, { id: made.id, space: newId() })).rejects.toMatchObject({
      code: "space.not_found",
    });
  });

  test("TEN-3 are for administrators of the organisation, and each organisation's own", async () => {
    const { call, pipeline, caller } = setUp();
    const { id } = await call(createProvider, least);
    for (const role of ["editor", "viewer"] as const) {
      const as = { ...caller, identity: { ...admin, role } };
      await expect(pipeline.call(listProviders, as, {})).rejects.toMatchObject({ code: "auth.forbidden" });
      await expect(pipeline.call(createProvider, as, least)).rejects.toMatchObject({ code: "auth.forbidden" });
    }
    const stranger = { ...caller, identity: { ...admin, organisation: newId() } };
    expect(await pipeline.call(listProviders, stranger, {})).toEqual({ providers: [] });
    for (const operation of [getProvider, updateProvider, removeProvider]) {
      await expect(pipeline.call(operation as typeof getProvider, stranger, { id })).rejects.toMatchObject({
        code: "provider.not_found",
      });
    }
    await expect(pipeline.call(createProvider, stranger, least)).rejects.toMatchObject({ code: "provider.taken" });
  });

  test.each([
    ["no issuer", { issuer: "" }],
    ["an issuer with a blank", { issuer: "https://login example.com" }],
    ["our own issuer", { issuer: issuing.issuer }],
    ["no audience", { audience: undefined }],
    ["keys without https", { jwksUri: "http://login.example.com/keys" }],
    ["keys in a file", { jwksUri: "file:///etc/keys" }],
    ["an address with a password", { jwksUri: "https://anna:secret@login.example.com/keys" }],
    ["an algorithm with a password", { algorithms: ["HS256"] }],
    ["no algorithm", { algorithms: ["none"] }],
    ["an empty list of algorithms", { algorithms: [] }],
    ["roles without a claim", { roles: [{ value: "staff", role: "editor" }] }],
    ["no role for anyone", { defaultRole: null }],
    ["a role that there is not", { defaultRole: "owner" }],
    ["a scope that there is not", { scopes: ["everything"] }],
    [
      "too many roles",
      { roleClaim: "groups", roles: Array.from({ length: 51 }, () => ({ value: "x", role: "viewer" })) },
    ],
  ])("TEN-3 are not set up with %s", async (_what, changes) => {
    const { call } = setUp();
    await expect(call(createProvider, { ...least, ...changes })).rejects.toMatchObject({ code: "request.invalid" });
    expect(await call(listProviders, {})).toEqual({ providers: [] });
  });

  test("TEN-3 give no scope that whoever sets them up lacks, so that a lesser key makes itself no greater one", async () => {
    const { call, pipeline, caller } = setUp();
    const key: Identity = { ...admin, credential: "key", scopes: ["organisation:manage", "memories:read"] };
    const as = { ...caller, identity: key };
    for (const scopes of [["members:manage"], ["memories:read", "keys:manage"], ["server:manage"]])
      await expect(pipeline.call(createProvider, as, { ...least, scopes })).rejects.toMatchObject({
        code: "auth.forbidden",
      });
    expect(await pipeline.call(createProvider, as, least)).toMatchObject({ scopes: ["memories:read"] });
    const bare = { ...caller, identity: { ...key, scopes: ["organisation:manage"] as const } };
    const another = { ...least, audience: "another" };
    await expect(pipeline.call(createProvider, bare, another)).rejects.toMatchObject({ code: "auth.forbidden" });
    // Nor does it take over one that may more than itself.
    const { id } = await call(createProvider, { ...another, scopes: ["memories:read", "members:manage"] });
    for (const change of [{ jwksUri: "https://evil.example/keys" }, { defaultRole: "admin" }])
      await expect(pipeline.call(updateProvider, as, { id, ...change })).rejects.toMatchObject({
        code: "auth.forbidden",
      });
    expect(await pipeline.call(updateProvider, as, { id, scopes: ["memories:read"] })).toMatchObject({ id });
    // Whoever does not administer the server hands out nothing of it either.
    await expect(call(updateProvider, { id, scopes: ["server:manage"] })).rejects.toMatchObject({
      code: "auth.forbidden",
    });
  });

  test("TEN-3 do not lose their last role by a change", async () => {
    const { call } = setUp();
    const { id } = await call(createProvider, least);
    await expect(call(updateProvider, { id, defaultRole: null })).rejects.toMatchObject({ code: "request.invalid" });
  });

  test("TEN-3 may publish keys by plain http on this machine, for those who develop", async () => {
    const { call } = setUp();
    const made = await call(createProvider, { ...least, jwksUri: "http://127.0.0.1:4000/keys" });
    expect(made.jwksUri).toBe("http://127.0.0.1:4000/keys");
  });
});
