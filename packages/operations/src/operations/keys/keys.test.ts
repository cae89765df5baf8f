import { mintKey } from "@cairn/directory/keys/key-format";
import { homeOrganisation, type Identity, localIdentity } from "@cairn/memory/permission/identity";
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
import { whoami } from "../auth/whoami.ts";
import { createSpace } from "../spaces/create.ts";
import { createKey } from "./create.ts";
import { getKey } from "./get.ts";
import { listKeys } from "./list.ts";
import { revokeKey } from "./revoke.ts";
import { rotateKey } from "./rotate.ts";
import { updateKey } from "./update.ts";

describe("listing keys", () => {
  test("TEN-2 shows people their own, and admins all, newest first, in pages", async () => {
    const { as, setNow } = setUp();
    const made: string[] = [];
    for (let at = 0; at < 5; at += 1) {
      setNow(Date.parse("2026-03-14T12:00:00Z") + at);
      made.unshift((await as(at % 2 === 0 ? editor : viewer)(createKey, { label: `${at}` })).id);
    }
    const walk = async (who: Identity) => {
      const seen: string[] = [];
      let cursor: string | null = null;
      do {
        const page: { readonly keys: readonly { readonly id: string }[]; readonly nextCursor: string | null } =
          await as(who)(listKeys, { limit: 2, cursor });
        seen.push(...page.keys.map(({ id }) => id));
        cursor = page.nextCursor;
      } while (cursor !== null);
      return seen;
    };
    expect(await walk(admin)).toEqual(made);
    expect(await walk(editor)).toEqual(made.filter((_, at) => at % 2 === 0));
    expect(await walk(viewer)).toEqual(made.filter((_, at) => at % 2 === 1));
    expect(await walk(localIdentity("shell"))).toEqual(made);
    expect(await walk(person("nobody", "editor"))).toEqual([]);
    // Somebody else's key is no place to go on from, no more than one that is not there.
    for (const cursor of [made[1], mintKey().id, "nonsense"]) {
      await expect(as(editor)(listKeys, { cursor })).rejects.toMatchObject({
        code: "request.invalid",
        message: "The cursor is not from a list of keys.",
      });
    }
  });

  test("TEN-2 a key that stands for itself sees itself, and may revoke itself", async () => {
    const { as, withKey } = setUp();
    await as(admin)(createKey, { label: "other", role: "editor" });
    const { id } = await as(admin)(createKey, { label: "CI", role: "editor", scopes: manages });
    const calls = await withKey(id, "editor");
    expect((await calls(listKeys, {})).keys.map((key) => key.id)).toEqual([id]);
    expect(await calls(revokeKey, { id })).toMatchObject({ id, state: "revoked" });
  });

  test("TEN-2 other people's and other organisations' keys are as if they were not there", async () => {
    const { as } = setUp();
    const { id } = await as(editor)(createKey, { label: "mine" });
    const elsewhere = person("editor", "admin", { organisation: "0198f6a2-7c1e-7b4a-9d52-3f1c2a6b8e01" });
    const said = new Set<string>();
    for (const who of [viewer, elsewhere]) {
      for (const asked of [id, mintKey().id, "nonsense"]) {
        for (const operation of [getKey, updateKey, rotateKey, revokeKey] as const) {
          const told = await as(who)(operation as typeof getKey, { id: asked, label: undefined }).then(
            JSON.stringify,
            String,
          );
          said.add(told);
        }
      }
      expect((await as(who)(listKeys, {})).keys).toEqual([]);
    }
    expect([...said]).toEqual([expect.stringContaining("There is no such key")]);
    expect(await as(editor)(getKey, { id })).toMatchObject({ state: "working" });
  });
});

describe("changing a key", () => {
  test("TEN-2 lets nobody use a key from elsewhere who could not have one like it", async () => {
    const { as } = setUp();
    const bound = { label: "x", addresses: ["10.0.0.0/8", "192.0.2.1"], scopes: ["memories:read", "memories:write"] };
    const { id } = await as(editor)(createKey, bound);
    const lesser: Identity = { ...editor, credential: "token", scopes: ["keys:manage"] };
    for (const addresses of [null, ["0.0.0.0/0"], ["10.0.0.0/8", "198.51.100.1"]])
      for (const who of [admin, lesser])
        await expect(as(who)(updateKey, { id, addresses })).rejects.toMatchObject(forbidden);
    for (const who of [admin, lesser])
      expect(await as(who)(updateKey, { id, addresses: ["10.0.0.0/8"] })).toMatchObject({ addresses: ["10.0.0.0/8"] });
    expect(await as(editor)(updateKey, { id, addresses: null })).toMatchObject({ addresses: null });
  });

  test("TEN-2 sets label, addresses and an earlier end, never a later one", async () => {
    const { as, setNow } = setUp();
    const { id } = await as(editor)(createKey, { label: "old" });
    const change = (changes: object) => as(editor)(updateKey, { id, ...changes });
    expect(await change({ label: "new", addresses: ["192.0.2.0/24"] })).toMatchObject({
      label: "new",
      addresses: ["192.0.2.0/24"],
    });
    expect(await change({ expiresAt: "2026-05-01T00:00:00Z" })).toMatchObject({ label: "new" });
    expect(await change({ expiresAt: "2026-04-01T00:00:00Z", addresses: null })).toMatchObject({
      expiresAt: "2026-04-01T00:00:00.000Z",
      addresses: null,
    });
    for (const expiresAt of ["2026-05-01T00:00:00Z", "2026-03-14T12:00:00Z", "2020-01-01T00:00:00Z", null]) {
      await expect(change({ expiresAt })).rejects.toMatchObject({ code: "request.invalid" });
    }
    setNow(Date.parse("2026-04-01T00:00:00Z"));
    expect(await as(editor)(getKey, { id })).toMatchObject({ state: "expired" });
    await expect(change({ label: "late" })).rejects.toMatchObject(unknown);
  });

  test("TEN-2 an admin can revoke anyone's, and nobody brings it back", async () => {
    const { as } = setUp();
    const { id } = await as(viewer)(createKey, { label: "x" });
    expect(await as(admin)(revokeKey, { id })).toMatchObject({
      state: "revoked",
      revokedAt: "2026-03-14T12:00:00.000Z",
    });
    expect(await as(viewer)(revokeKey, { id })).toMatchObject({ state: "revoked" });
    await expect(as(viewer)(updateKey, { id, label: "again" })).rejects.toMatchObject(unknown);
    await expect(as(viewer)(rotateKey, { id })).rejects.toMatchObject(unknown);
  });
});

describe("rotating a key", () => {
  test("TEN-2 makes one like it, and lets the old one work for a day, or as told", async () => {
    const { as } = setUp();
    const given = { label: "x", instance: "agent-7", addresses: ["10.0.0.0/8"], scopes: ["memories:read"] };
    const old = await as(editor)(createKey, given);
    const next = await as(editor)(rotateKey, { id: old.id });
    expect(next).toMatchObject({ ...given, owner: "user:editor", replaces: old.id, expiresAt: null, state: "working" });
    expect(next.key).not.toBe(old.key);
    expect(await as(editor)(getKey, { id: old.id })).toMatchObject({ expiresAt: "2026-03-15T12:00:00.000Z" });
    const third = await as(editor)(rotateKey, { id: next.id, graceSeconds: 0, expiresIn: 3_600 });
    expect(third).toMatchObject({ expiresAt: "2026-03-14T13:00:00.000Z" });
    expect(await as(editor)(getKey, { id: next.id })).toMatchObject({ state: "revoked" });
    // The end that was set stays.
    const fourth = await as(editor)(rotateKey, { id: third.id, graceSeconds: 7 * 86_400 });
    expect(fourth).toMatchObject({ expiresAt: "2026-03-14T13:00:00.000Z" });
    await expect(as(editor)(rotateKey, { id: fourth.id, graceSeconds: 7 * 86_400 + 1 })).rejects.toMatchObject({
      code: "request.invalid",
    });
  });

  test("TEN-2 is for whose key it is: an admin cannot become somebody else", async () => {
    const { as } = setUp();
    const theirs = await as(viewer)(createKey, { label: "x" });
    await expect(as(admin)(rotateKey, { id: theirs.id })).rejects.toMatchObject(forbidden);
    const service = await as(admin)(createKey, { label: "CI", role: "editor" });
    const another = person("another", "admin");
    expect(await as(another)(rotateKey, { id: service.id })).toMatchObject({ owner: null, role: "editor" });
  });

  test("TEN-2 a key that may little gets no key that may more in place of a mightier one", async () => {
    const { as, withKey, call } = setUp();
    const { id: space } = await call(createSpace, { name: "project" });
    const mighty = await as(admin)(createKey, { label: "mighty", scopes: ["members:manage", "keys:manage"] });
    const bound = await as(admin)(createKey, { label: "bound", scopes: manages, space });
    const little = await as(admin)(createKey, { label: "little", scopes: manages, instance: "agent-7" });
    const calls = await withKey(little.id, "admin");
    await expect(calls(rotateKey, { id: mighty.id })).rejects.toMatchObject(forbidden);
    // Of the same scopes, but of another agent.
    await expect(calls(rotateKey, { id: bound.id })).rejects.toMatchObject(forbidden);
    expect(await calls(rotateKey, { id: little.id })).toMatchObject({
      instance: "agent-7",
      scopes: ["memories:read", "keys:manage"],
    });
  });

  test("TEN-2 TEN-3 a token that may less than its key gets no key in place of it", async () => {
    const { as } = setUp();
    const { id } = await as(admin)(createKey, { label: "x", scopes: ["members:manage", "keys:manage"] });
    const whole = { ...admin, credential: "key", key: id, scopes: ["members:manage", "keys:manage"] } as const;
    const less = { ...whole, credential: "token", scopes: ["keys:manage"] } as const;
    await expect(as(less)(rotateKey, { id })).rejects.toMatchObject(forbidden);
    expect(await as(whole)(rotateKey, { id })).toMatchObject({ replaces: id });
    // An admin that is one no more can still follow its key by one like it, which may as little.
    const viewing = { ...whole, role: "viewer" } as const;
    expect(await as(viewing)(rotateKey, { id })).toMatchObject({ scopes: ["keys:manage", "members:manage"] });
  });
});

describe("who the caller is", () => {
  test("TEN-2 says it to whoever showed a credential", async () => {
    const { as, withKey } = setUp();
    const { id } = await as(editor)(createKey, { label: "x", scopes: ["memories:read"], instance: "agent-7" });
    const calls = await withKey(id, "editor");
    expect(await calls(whoami, {})).toEqual({
      principal: "user:editor",
      credential: "key",
      organisation: homeOrganisation,
      role: "editor",
      scopes: ["memories:read"],
      space: null,
      keyId: id,
      instance: "agent-7",
      administrator: false,
    });
    await expect(as(anonymous)(whoami, {})).rejects.toMatchObject({ code: "auth.required" });
  });
});
