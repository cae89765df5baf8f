import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openSqliteDatabase } from "@cairn/directory/database/sqlite-database";
import { keyIdOf, mintKey } from "@cairn/directory/keys/key-format";
import { hashKey } from "@cairn/directory/keys/key-hash";
import { CairnError, toCairnError } from "@cairn/kernel/error";
import { anonymousIdentity, homeOrganisation, type Identity, localIdentity } from "@cairn/memory/permission/identity";
import { describe, expect, test } from "vitest";
import { type AuthenticatorOptions, bearerOf, makeAuthenticator } from "./authenticator.ts";
import type { Shown } from "./credential-readers.ts";
import { makeFailureFloor } from "./failure-floor.ts";
import { makeKey, serverOn, shownWith } from "./key-reader.fixture.ts";

const someone: Identity = { ...localIdentity("shell"), principal: "user:1", credential: "session" };

/** An authenticator whose readers say what they are told, and a clock that goes on only while somebody waits. */
const setUp = (changes: Partial<AuthenticatorOptions> = {}) => {
  let now = 0;
  const asked: string[] = [];
  const failed: string[] = [];
  const reader = (name: string) => async () => {
    asked.push(name);
    return null;
  };
  const floor = makeFailureFloor({
    now: () => now,
    wait: async (milliseconds) => void (now += milliseconds),
  });
  const { identify } = makeAuthenticator({
    readers: { key: reader("key"), token: reader("token"), session: reader("session") },
    requires: () => true,
    failures: {
      blocked: async () => null,
      failed: async (address) => void failed.push(address),
    },
    floor,
    ...changes,
  });
  return { identify, asked, failed, now: () => now, work: (milliseconds: number) => void (now += milliseconds) };
};

const shown = (authorization: string | null, changes: Partial<Shown> = {}): Shown => ({
  ...shownWith(bearerOf(authorization), changes),
  headers: new Headers(authorization === null ? {} : { authorization }),
});

describe("who makes a request", () => {
  test.each([
    [`Bearer ${mintKey().key}`, "key"],
    ["Bearer cairn_live_nonsense", "key"],
    ["bearer cairn_", "key"],
    ["Bearer eyJhbGciOiJFUzI1NiJ9.e30.c2ln", "token"],
    ["Bearer CAIRN_LIVE_X", "token"],
  ])("TEN-2 TEN-3 with %j is asked of the reader of its kind, and of no other", async (authorization, kind) => {
    const { identify, asked } = setUp();
    await expect(identify(shown(authorization))).rejects.toMatchObject({ code: "auth.invalid" });
    expect(asked).toEqual([kind]);
  });

  test("TEN-1 without a header is whom the cookie tells of, or nobody", async () => {
    const readers = { key: async () => null, token: async () => null, session: async () => someone };
    expect(await setUp({ readers }).identify(shown(null))).toBe(someone);
    const { identify, asked, failed, now } = setUp();
    expect(await identify(shown(null))).toBe(anonymousIdentity);
    expect([asked, failed, now()]).toEqual([["session"], [], 0]);
  });

  test("TEN-2 a header that is no good is not made up for by a cookie", async () => {
    const readers = { key: async () => null, token: async () => null, session: async () => someone };
    const { identify } = setUp({ readers });
    for (const authorization of [
      "Bearer x",
      "Basic dXNlcjpwYXNz",
      "Bearer",
      "",
      "Bearer a b",
      `Bearer ${"a".repeat(20_000)}`,
    ]) {
      await expect(identify(shown(authorization))).rejects.toMatchObject({ code: "auth.invalid" });
    }
  });

  test("TEN-2 on a laptop without sign-in is whoever has the machine, whatever an old client sends", async () => {
    const { identify, asked } = setUp({ requires: async () => false });
    for (const authorization of [null, "Bearer old-tribal-token", `Bearer ${mintKey().key}`]) {
      expect(await identify(shown(authorization))).toEqual(localIdentity("loopback"));
    }
    expect(asked).toEqual([]);
  });

  test("TEN-2 is not found out while the storage fails: the error is the storage's, at once, and nobody passes", async () => {
    const gone = new CairnError("storage.unavailable", "Gone.");
    const fails = async () => Promise.reject(gone);
    const readers = { key: fails, token: fails, session: fails };
    const { identify, failed, now } = setUp({ readers });
    for (const authorization of [`Bearer ${mintKey().key}`, "Bearer x", null]) {
      await expect(identify(shown(authorization))).rejects.toBe(gone);
    }
    expect([failed, now()]).toEqual([[], 0]);
    await expect(setUp({ requires: fails }).identify(shown(null))).rejects.toBe(gone);
    const failures = { blocked: fails, failed: async () => undefined };
    await expect(setUp({ failures }).identify(shown("Bearer x"))).rejects.toBe(gone);
  });
});

describe("addresses that guess too much", () => {
  test("TEN-4 are told when to come again, as late as all who are refused", async () => {
    const failed: string[] = [];
    const failures = {
      blocked: async (address: string) => (address === "192.0.2.1" ? 90_000 : null),
      failed: async (address: string) => void failed.push(address),
    };
    const { identify, now } = setUp({ failures });
    await expect(identify(shown("Bearer x"))).rejects.toMatchObject({
      code: "limit.rate_exceeded",
      data: { retryAfterMs: 90_000 },
    });
    expect(now()).toBe(25);
    await expect(identify(shown("Bearer x", { address: "192.0.2.2" }))).rejects.toMatchObject({ code: "auth.invalid" });
    expect(failed).toEqual(["192.0.2.1", "192.0.2.2"]);
  });

  test("TEN-4 do not shut out a good key from the same address", async () => {
    const failures = { blocked: async () => 90_000, failed: async () => undefined };
    const readers = { key: async () => someone, token: async () => null, session: async () => null };
    const { identify } = setUp({ failures, readers });
    expect(await identify(shown(`Bearer ${mintKey().key}`))).toBe(someone);
  });

  test("TEN-4 have few credentials looked at at a time", async () => {
    const failures = { blocked: async () => 90_000, failed: async () => undefined };
    let under = 0;
    let most = 0;
    const key = async () => {
      under += 1;
      most = Math.max(most, under);
      await new Promise(setImmediate);
      under -= 1;
      return null;
    };
    const readers = { key, token: async () => null, session: async () => null };
    const { identify } = setUp({ failures, readers, mostForBlocked: 3 });
    const answers = await Promise.allSettled(
      Array.from({ length: 50 }, () => identify(shown(`Bearer ${mintKey().key}`))),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set(["rejected"]));
    expect(most).toBe(3);
    // It is given back when they are done.
    await expect(identify(shown(`Bearer ${mintKey().key}`))).rejects.toMatchObject({ code: "limit.rate_exceeded" });
    expect(most).toBe(3);
  });

  test("TEN-4 that a refusal could not be counted changes nothing about it", async () => {
    const failures = { blocked: async () => null, failed: async () => Promise.reject(new Error("gone")) };
    await expect(setUp({ failures }).identify(shown("Bearer x"))).rejects.toMatchObject({ code: "auth.invalid" });
  });
});

describe("a load that tries to steal", () => {
  const world = async () => {
    const folder = await mkdtemp(join(tmpdir(), "cairn-authenticator-"));
    const database = openSqliteDatabase({ file: join(folder, "directory.db") });
    let wall = Date.parse("2026-03-14T12:00:00Z");
    const server = serverOn(database, () => wall);
    const authenticator = setUp({
      readers: { key: server.read, token: async () => null, session: async () => null },
    });
    return {
      ...authenticator,
      server,
      pass: (milliseconds: number) => void (wall += milliseconds),
      wall: () => wall,
      [Symbol.asyncDispose]: async () => {
        await server.uses.close();
        await database.close();
        await rm(folder, { recursive: true, force: true });
      },
    };
  };

  /** Keys that must not pass, each of another kind. */
  const stolen = async ({ server, wall, pass }: Awaited<ReturnType<typeof world>>) => {
    const { organisations, keys } = server.tenants;
    const good = await makeKey(server);
    const other = await makeKey(server);
    const revoked = await makeKey(server);
    await keys.revoke(homeOrganisation, keyIdOf(revoked) ?? "");
    const expired = await makeKey(server, { expiresAt: wall() + 1 });
    pass(1);
    const elsewhere = await makeKey(server, { addresses: ["198.51.100.0/24"] });
    const { id: acme } = await organisations.create({ name: "Acme", createdBy: "local" });
    const theirs = await makeKey(server, { organisation: acme, owner: "user:gone", role: null });
    const lost = mintKey();
    await makeKey(server, { id: lost.id, ...hashKey({ id: "lost", bytes: Buffer.alloc(32) }, lost.key) });
    const known = mintKey();
    await makeKey(server, { id: known.id });
    let at = 40;
    while (good.charAt(at) === good.charAt(at + 1)) at += 1;
    const bad = {
      guessed: mintKey().key,
      "cut short": good.slice(0, -1),
      "with another key's checksum": `${good.slice(0, -6)}${other.slice(-6)}`,
      "with two characters swapped": `${good.slice(0, at)}${good.charAt(at + 1)}${good.charAt(at)}${good.slice(at + 2)}`,
      "with a changed secret": `${good.slice(0, 50)}${good.charAt(50) === "a" ? "b" : "a"}${good.slice(51)}`,
      "with a known id and a secret of its own": known.key,
      "whose pepper is gone": lost.key,
      revoked,
      expired,
      "from another address": elsewhere,
      "of who is no member": theirs,
      "of another case": good.toLowerCase(),
    };
    return { good, bad };
  };

  test("TEN-2 gets one answer, in the same words, at the same moment, the first time and again", async () => {
    await using setup = await world();
    const { good, bad } = await stolen(setup);
    expect(await setup.identify(shown(`Bearer ${good}`))).toMatchObject({ credential: "key" });
    expect(setup.now()).toBe(0);
    const said = new Set<string>();
    // The second time around answers come from memory.
    for (const round of [1, 2]) {
      for (const [what, key] of Object.entries(bad)) {
        const before = setup.now();
        const error = toCairnError(await setup.identify(shown(`Bearer ${key}`)).catch((thrown: unknown) => thrown));
        expect([round, what, error.code, setup.now() - before]).toEqual([round, what, "auth.invalid", 25]);
        said.add(JSON.stringify([error.message, error.data, error.cause]));
        expect(JSON.stringify([error.message, error.data, error.stack])).not.toContain(key.slice(11, 31));
      }
    }
    expect(said.size).toBe(1);
    expect(setup.failed).toHaveLength(2 * Object.keys(bad).length);
  });

  test("TEN-2 a right id with a wrong secret is refused although the key is there", async () => {
    await using setup = await world();
    const { id, key } = mintKey();
    await makeKey(setup.server, { id });
    expect(keyIdOf(key)).toBe(id);
    expect(await setup.server.tenants.keys.find(id)).not.toBeNull();
    await expect(setup.identify(shown(`Bearer ${key}`))).rejects.toMatchObject({ code: "auth.invalid" });
  });

  test("TEN-2 another organisation's key is good there and nowhere else", async () => {
    await using setup = await world();
    const { id: organisation } = await setup.server.tenants.organisations.create({ name: "Acme", createdBy: "local" });
    const key = await makeKey(setup.server, { organisation });
    expect(await setup.identify(shown(`Bearer ${key}`))).toMatchObject({ organisation });
    await expect(setup.identify(shown(`Bearer ${key}`, { organisation: homeOrganisation }))).rejects.toMatchObject({
      code: "auth.invalid",
    });
  });

  test("TEN-2 many at once hold nothing: good keys are answered meanwhile", async () => {
    await using setup = await world();
    const good = await makeKey(setup.server);
    const waiting: (() => void)[] = [];
    const { identify } = makeAuthenticator({
      readers: { key: setup.server.read, token: async () => null, session: async () => null },
      requires: () => true,
      failures: { blocked: async () => null, failed: async () => undefined },
      floor: { now: () => 0, over: () => new Promise((resolve) => waiting.push(resolve)) },
    });
    const guesses = Array.from({ length: 200 }, () => identify(shown(`Bearer ${mintKey().key}`)).catch(toCairnError));
    await expect.poll(() => waiting.length).toBe(200);
    expect(await identify(shown(`Bearer ${good}`))).toMatchObject({ credential: "key" });
    for (const go of waiting) go();
    for (const answer of await Promise.all(guesses)) expect(answer).toMatchObject({ code: "auth.invalid" });
  });
});

describe("the Authorization header", () => {
  test.each([
    ["Bearer abc", "abc"],
    ["bearer  abc ", "abc"],
    ["Bearer a.b_c~d+e/f-g==", "a.b_c~d+e/f-g=="],
    ["Bearer", null],
    ["Bearer ", null],
    ["Bearer a b", null],
    ["Bearer a,b", null],
    ["Basic abc", null],
    ["abc", null],
    [null, null],
    [undefined, null],
    [`Bearer ${"a".repeat(16_400)}`, null],
  ])("%j shows %j", (header, bearer) => {
    expect(bearerOf(header)).toBe(bearer);
  });
});
