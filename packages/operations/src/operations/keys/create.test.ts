import { keyIdOf, mintKey } from "@cairn/directory/keys/key-format";
import { isHashOf } from "@cairn/directory/keys/key-hash";
import { homeOrganisation } from "@cairn/memory/permission/identity";
import { agentScopes, type Scope, scopes } from "@cairn/memory/permission/permission";
import { setUpOperations, testPeppers } from "@cairn/testing/setup-operations";
import { describe, expect, test } from "vitest";
import {
  admin,
  anonymous,
  editor,
  forbidden,
  manages,
  person,
  setUp,
  unknown,
  viewer,
} from "@cairn/testing/key-callers";
import { makePipeline } from "../../pipeline.ts";
import { createSpace } from "../spaces/create.ts";
import { createKey } from "./create.ts";
import { getKey } from "./get.ts";
import { listKeys } from "./list.ts";
import { revokeKey } from "./revoke.ts";
import { rotateKey } from "./rotate.ts";
import { updateKey } from "./update.ts";

describe("creating a key", () => {
  test("TEN-2 answers the whole key once, and keeps only what recognises it", async () => {
    const { as, services } = setUp();
    const made = await as(editor)(createKey, { label: " Laptop " });
    expect(keyIdOf(made.key)).toBe(made.id);
    expect(made).toMatchObject({
      label: "Laptop",
      state: "working",
      owner: "user:editor",
      role: null,
      scopes: agentScopes,
      space: null,
      instance: null,
      addresses: null,
      replaces: null,
      createdAt: "2026-03-14T12:00:00.000Z",
      createdBy: "user:editor",
      expiresAt: null,
      revokedAt: null,
      lastUsedAt: null,
    });
    const proof = await services.tenants.keys.find(made.id);
    expect(isHashOf(testPeppers.current, made.key, proof?.hash ?? "")).toBe(true);
    expect(
      JSON.stringify([proof, await as(editor)(getKey, { id: made.id }), await as(editor)(listKeys, {})]),
    ).not.toContain(made.key.slice(-20));
  });

  test("TEN-2 is recorded with the key's id and never with the key", async () => {
    const { as, records } = setUp();
    const made = await as(editor)(createKey, { label: "Laptop" });
    const next = await as(editor)(rotateKey, { id: made.id });
    await as(editor)(updateKey, { id: next.id, label: "New" });
    await as(editor)(revokeKey, { id: next.id });
    await expect(as(viewer)(getKey, { id: made.id })).rejects.toMatchObject(unknown);
    const told = JSON.stringify(records);
    for (const { key } of [made, next]) expect(told).not.toContain(key.slice(-40));
    expect(records.map(({ operation, audit, subjects }) => [operation, audit, subjects])).toEqual([
      ["keys.create", "administrate", [made.id]],
      ["keys.rotate", "administrate", [made.id, next.id]],
      ["keys.update", "administrate", [next.id]],
      ["keys.revoke", "administrate", [next.id]],
      ["keys.get", "read", []],
    ]);
    expect([createKey.confidential, rotateKey.confidential]).toEqual([true, true]);
  });

  test("TEN-2 takes scopes, agent, addresses and end", async () => {
    const { as } = setUp();
    const made = await as(editor)(createKey, {
      label: "Agent",
      scopes: ["memories:write", "memories:read", "memories:read"],
      instance: "agent-7",
      addresses: ["10.1.2.3", "2001:DB8::/32", "10.1.2.3/32"],
      expiresIn: 3_600,
    });
    expect(made).toMatchObject({
      scopes: ["memories:read", "memories:write"],
      instance: "agent-7",
      addresses: ["10.1.2.3/32", "2001:db8::/32"],
      expiresAt: "2026-03-14T13:00:00.000Z",
    });
    const later = { label: "Until", expiresAt: "2026-04-01T00:00:00Z" };
    expect(await as(editor)(createKey, later)).toMatchObject({ expiresAt: "2026-04-01T00:00:00.000Z" });
  });

  test.each([
    { label: "" },
    { label: "x".repeat(101) },
    {},
    { label: "x", scopes: [] },
    { label: "x", scopes: ["everything"] },
    { label: "x", scopes: ["public"] },
    { label: "x", addresses: [] },
    { label: "x", addresses: ["10.0.0.0/33"] },
    { label: "x", addresses: Array.from({ length: 21 }, (_, at) => `10.0.0.${at}`) },
    { label: "x", instance: "x".repeat(256) },
    { label: "x", expiresAt: "2026-03-14T12:00:00Z" },
    { label: "x", expiresIn: 59 },
    { label: "x", expiresIn: 3_600, expiresAt: "2027-01-01T00:00:00Z" },
    { label: "x", role: "owner" },
    { label: "x", role: "viewer", owner: "user:editor" },
  ])("TEN-2 refuses %j", async (input) => {
    const { as } = setUp();
    await expect(as(admin)(createKey, input)).rejects.toMatchObject({ code: "request.invalid" });
    expect((await as(admin)(listKeys, {})).keys).toEqual([]);
  });

  test("TEN-2 nobody gives a scope that it does not have", async () => {
    const { as, withKey } = setUp();
    const administrates: readonly Scope[] = ["members:manage", "audit:read", "organisation:manage"];
    for (const scope of administrates) {
      await expect(as(editor)(createKey, { label: "x", scopes: [scope] })).rejects.toMatchObject(forbidden);
      expect(await as(admin)(createKey, { label: "x", scopes: [scope] })).toMatchObject({ scopes: [scope] });
    }
    const outside = person("other", "admin", { organisation: homeOrganisation, administrator: false });
    await expect(as(outside)(createKey, { label: "x", scopes: ["server:manage"] })).rejects.toMatchObject(forbidden);
    // A key of an admin that may little makes no key that may more.
    const little = await as(admin)(createKey, { label: "little", scopes: manages });
    const calls = await withKey(little.id, "admin");
    for (const scope of scopes.filter((one) => !manages.includes(one))) {
      await expect(calls(createKey, { label: "x", scopes: [scope] })).rejects.toMatchObject(forbidden);
    }
    expect(await calls(createKey, { label: "x" })).toMatchObject({ scopes: ["memories:read"], owner: "user:admin" });
  });

  test("TEN-2 a key without the scope keys:manage makes, lists and revokes none", async () => {
    const { as, withKey } = setUp();
    const { id } = await as(admin)(createKey, { label: "agent" });
    const calls = await withKey(id, "admin");
    const lacks = { code: "auth.scope_missing" };
    await expect(calls(createKey, { label: "x" })).rejects.toMatchObject(lacks);
    await expect(calls(listKeys, {})).rejects.toMatchObject(lacks);
    await expect(calls(revokeKey, { id })).rejects.toMatchObject(lacks);
  });

  test("TEN-2 a key hands on its end, its agent and its addresses", async () => {
    const { as, withKey } = setUp();
    const bounds = { instance: "agent-7", addresses: ["10.0.0.0/8"], expiresIn: 3_600 };
    const { id } = await as(editor)(createKey, { label: "bound", scopes: manages, ...bounds });
    const calls = await withKey(id, "editor");
    const until = "2026-03-14T13:00:00.000Z";
    const handed = { instance: "agent-7", addresses: ["10.0.0.0/8"], expiresAt: until };
    expect(await calls(createKey, { label: "x" })).toMatchObject(handed);
    expect(await calls(createKey, { label: "x", expiresIn: 60 })).toMatchObject({
      ...handed,
      expiresAt: "2026-03-14T12:01:00.000Z",
    });
    for (const freer of [{ instance: "agent-8" }, { addresses: ["0.0.0.0/0"] }, { expiresIn: 3_601 }]) {
      await expect(calls(createKey, { label: "x", ...freer })).rejects.toMatchObject(forbidden);
    }
    await expect(calls(updateKey, { id, addresses: ["0.0.0.0/0"] })).rejects.toMatchObject(forbidden);
    expect(await calls(updateKey, { id, addresses: null })).toMatchObject({ addresses: ["10.0.0.0/8"] });
    // A key that is gone by now makes nothing.
    const ghost = as({ ...editor, credential: "key", key: mintKey().id });
    await expect(ghost(createKey, { label: "x" })).rejects.toMatchObject(forbidden);
  });

  test("TEN-2 what a token makes ends with it at the latest", async () => {
    const { as, caller } = setUp();
    expect(caller.identity.principal).toBe("local");
    const until = Date.parse("2026-03-14T12:10:00Z");
    const calls = as({ ...editor, credential: "token", scopes: ["keys:manage", "memories:read"], until });
    expect(await calls(createKey, { label: "x" })).toMatchObject({ expiresAt: "2026-03-14T12:10:00.000Z" });
    await expect(calls(createKey, { label: "x", expiresIn: 601 })).rejects.toMatchObject(forbidden);
  });

  test("TEN-2 keys that stand for themselves are made by admins, with a role", async () => {
    const { as, withKey } = setUp();
    for (const one of [editor, viewer]) {
      await expect(as(one)(createKey, { label: "x", role: "viewer" })).rejects.toMatchObject(forbidden);
    }
    const made = await as(admin)(createKey, { label: "CI", role: "editor", scopes: manages });
    expect(made).toMatchObject({ owner: null, role: "editor", createdBy: "user:admin" });
    // It is no admin, and nobody's own: it makes none.
    const calls = await withKey(made.id, "viewer");
    await expect(calls(createKey, { label: "x" })).rejects.toMatchObject(forbidden);
    await expect(calls(createKey, { label: "x", role: "admin" })).rejects.toMatchObject(forbidden);
    // Whoever signs in at another provider is no member whose key could end with the membership.
    const external = as({ ...viewer, principal: "external:acme:7", credential: "provider" });
    await expect(external(createKey, { label: "x" })).rejects.toMatchObject(forbidden);
  });

  test("TEN-2 nobody makes keys for somebody else but whoever has the machine, and only for members", async () => {
    const { as, call, services } = setUp();
    const owner = "user:viewer";
    await expect(as(admin)(createKey, { label: "x", owner })).rejects.toMatchObject(forbidden);
    for (const nobody of [owner, "local", "key:x", "anonymous"]) {
      await expect(call(createKey, { label: "x", owner: nobody })).rejects.toMatchObject({ code: "member.not_found" });
    }
    await services.tenants.organisations.setMember(homeOrganisation, { principal: owner, role: "viewer", by: "local" });
    expect(await call(createKey, { label: "x", owner, scopes: ["server:manage"] })).toMatchObject({
      owner,
      role: null,
    });
    expect(await call(createKey, { label: "x" })).toMatchObject({ owner: null, role: "editor", createdBy: "local" });
    expect(await as(viewer)(createKey, { label: "x", owner })).toMatchObject({ owner });
  });

  test("TEN-2 is not possible without a secret to hash with, nor before signing in", async () => {
    const { pipeline, caller, services } = setUpOperations();
    const { keyPeppers: _none, ...without } = services;
    await expect(makePipeline(without).call(createKey, caller, { label: "x" })).rejects.toMatchObject({
      code: "config.invalid",
    });
    await expect(pipeline.call(createKey, { ...caller, identity: anonymous }, { label: "x" })).rejects.toMatchObject({
      code: "auth.required",
    });
  });
});

describe("a key of one space", () => {
  test("TEN-2 TEN-1 is bound by id, and only to what its maker may read", async () => {
    const { as, call } = setUp();
    const { id: space } = await call(createSpace, { name: "project" });
    expect(await as(viewer)(createKey, { label: "x", space: "project" })).toMatchObject({ space });
    const { id: hidden } = await as(editor)(createSpace, { name: "diary", visibility: "private" });
    expect(await as(editor)(createKey, { label: "x", space: "diary" })).toMatchObject({ space: hidden });
    for (const reference of ["diary", hidden, "nowhere"]) {
      await expect(as(viewer)(createKey, { label: "x", space: reference })).rejects.toMatchObject({
        code: "space.not_found",
      });
    }
  });

  test("TEN-2 that stands for itself takes whoever manages the space", async () => {
    const { as, call, services } = setUp();
    const { id: space } = await call(createSpace, { name: "project" });
    expect(await as(admin)(createKey, { label: "x", role: "viewer", space })).toMatchObject({ space, role: "viewer" });
    await services.directory.update(space, { visibility: "private", owner: "user:editor" });
    await expect(as(admin)(createKey, { label: "x", role: "viewer", space })).rejects.toMatchObject({
      code: "space.not_found",
    });
    // Who may read it makes keys of its own for it, and none that stand for themselves.
    const other = person("other", "viewer");
    await services.directory.update(space, { visibility: "organisation" });
    expect(await as(other)(createKey, { label: "x", space })).toMatchObject({ space, owner: "user:other" });
    await expect(as(other)(createKey, { label: "x", space, role: "viewer" })).rejects.toMatchObject(forbidden);
  });

  test("TEN-2 makes and sees only keys of that space", async () => {
    const { as, call, withKey } = setUp();
    const { id: space } = await call(createSpace, { name: "project" });
    const { id: other } = await call(createSpace, { name: "other" });
    const free = await as(admin)(createKey, { label: "free", scopes: manages });
    const elsewhere = await as(admin)(createKey, { label: "elsewhere", scopes: manages, space: other });
    const bound = await as(admin)(createKey, { label: "bound", scopes: manages, space });
    const calls = await withKey(bound.id, "admin");
    const made = await calls(createKey, { label: "x" });
    expect(made).toMatchObject({ space, owner: "user:admin" });
    for (const reference of [other, "other", "default"]) {
      await expect(calls(createKey, { label: "x", space: reference })).rejects.toMatchObject({
        code: "space.not_found",
      });
    }
    expect((await calls(listKeys, {})).keys.map(({ id }) => id).toSorted()).toEqual([bound.id, made.id].toSorted());
    for (const { id } of [free, elsewhere]) {
      for (const operation of [getKey, updateKey, rotateKey, revokeKey] as const) {
        await expect(calls(operation as typeof getKey, { id })).rejects.toMatchObject(unknown);
      }
    }
  });

  test("TEN-2 has no scope that is about more than a space", async () => {
    const { as, call } = setUp();
    const { id: space } = await call(createSpace, { name: "project" });
    await expect(as(admin)(createKey, { label: "x", space, scopes: ["members:manage"] })).rejects.toMatchObject({
      code: "request.invalid",
    });
  });
});
