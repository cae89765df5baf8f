import { exportJWK, generateKeyPair, type JWK } from "jose";
import { beforeAll, describe, expect, test } from "vitest";
import { makeProviderKeys } from "./provider-keys.ts";
import { unreadable } from "./safe-fetch.ts";

const minute = 60_000;
const provider = { id: "p1", jwksUri: "https://login.example.com/keys" };

let one: JWK;
let other: JWK;
beforeAll(async () => {
  const make = async (kid: string): Promise<JWK> => ({
    ...(await exportJWK((await generateKeyPair("ES256", { extractable: true })).publicKey)),
    kid,
    alg: "ES256",
  });
  [one, other] = [await make("one"), await make("other")];
});

const setOf = (...keys: readonly unknown[]): string => JSON.stringify({ keys });

const setUp = (first: string | (() => Promise<string>)) => {
  let now = 1_000_000;
  let answer = first;
  const asked: string[] = [];
  const warnings: string[] = [];
  const keys = makeProviderKeys({
    clock: () => now,
    warn: (line) => void warnings.push(line),
    fetch: async (address) => {
      asked.push(address);
      return typeof answer === "string" ? answer : answer();
    },
  });
  return {
    asked,
    warnings,
    pass: (milliseconds: number): void => void (now += milliseconds),
    publish: (next: typeof answer): void => void (answer = next),
    find: async (kid: string | null, from = provider): Promise<number> =>
      (await keys.candidates(from, kid, "ES256")).length,
  };
};

const down = async (): Promise<string> => {
  throw unreadable("it cannot be reached");
};

describe("the keys that a provider publishes", () => {
  test("TEN-3 are read once and kept", async () => {
    const world = setUp(setOf(one));
    expect(await world.find("one")).toBe(1);
    world.pass(9 * minute);
    expect(await world.find("one")).toBe(1);
    expect(world.asked).toEqual([provider.jwksUri]);
  });

  test("TEN-3 are read once for all who ask at the same time", async () => {
    const { promise, resolve } = Promise.withResolvers<string>();
    const world = setUp(() => promise);
    const finding = Promise.all(Array.from({ length: 20 }, () => world.find("one")));
    resolve(setOf(one));
    expect(await finding).toEqual(Array.from({ length: 20 }, () => 1));
    expect(world.asked).toHaveLength(1);
  });

  test("TEN-3 a key that is not among them has them read again, every half minute at most", async () => {
    const world = setUp(setOf(one));
    await world.find("one");
    world.publish(setOf(one, other));
    expect(await world.find("other")).toBe(0);
    world.pass(30_000);
    expect(await world.find("other")).toBe(1);
    for (let guess = 0; guess < 50; guess += 1) expect(await world.find(`guess ${guess}`)).toBe(0);
    expect(world.asked).toHaveLength(2);
  });

  test("TEN-3 a key that was taken away is good for ten minutes at most", async () => {
    const world = setUp(setOf(one));
    await world.find("one");
    world.publish(setOf(other));
    world.pass(10 * minute);
    expect(await world.find("one")).toBe(0);
    expect(await world.find("other")).toBe(1);
  });

  test("TEN-3 stand for a day where the provider does not answer, which is told once", async () => {
    const world = setUp(setOf(one));
    await world.find("one");
    world.publish(down);
    for (let hour = 0; hour < 23; hour += 1) {
      world.pass(60 * minute);
      expect(await world.find("one")).toBe(1);
    }
    expect(world.asked).toHaveLength(24);
    expect(world.warnings).toEqual([
      "The keys of the identity provider p1 are not there: The document cannot be read: it cannot be reached.",
    ]);
    world.pass(60 * minute);
    await expect(world.find("one")).rejects.toMatchObject({ code: "provider.unavailable" });
    world.publish(setOf(one));
    world.pass(minute);
    expect(await world.find("one")).toBe(1);
    world.publish(down);
    world.pass(60 * minute);
    await world.find("one");
    expect(world.warnings).toHaveLength(2);
  });

  test("TEN-3 a provider that never answered is asked every half minute at most, and the caller told when to come again", async () => {
    const world = setUp(down);
    for (let call = 0; call < 5; call += 1) {
      await expect(world.find("one")).rejects.toMatchObject({
        code: "provider.unavailable",
        data: { retryAfterMs: 30_000 },
      });
    }
    expect(world.asked).toHaveLength(1);
  });

  test.each([
    "",
    "<html>",
    "[]",
    "null",
    '{"keys":{}}',
    JSON.stringify({ keys: Array.from({ length: 101 }, () => 1) }),
  ])("TEN-3 %.30j is no set of keys, and the last good one stands", async (garbage) => {
    const world = setUp(setOf(one));
    await world.find("one");
    world.publish(garbage);
    world.pass(10 * minute);
    expect(await world.find("one")).toBe(1);
    expect(world.warnings).toHaveLength(1);
  });

  test("TEN-3 keys of another kind or use are no candidates, and an unfit one spoils none", async () => {
    const world = setUp(
      setOf(
        null,
        7,
        "key",
        { kty: 7, kid: "one" },
        { kty: "oct", k: "c2VjcmV0", kid: "one", alg: "ES256" },
        { ...one, crv: "P-384", alg: "ES384" },
        { ...one, use: "enc" },
        { ...one, key_ops: ["sign"] },
        { ...one, alg: "RS256" },
        { ...one, x: "AAAA" },
        one,
      ),
    );
    expect(await world.find("one")).toBe(1);
  });

  test("TEN-3 several of one name are all tried, a few at most", async () => {
    const world = setUp(setOf(one, { ...other, kid: "one" }));
    expect(await world.find("one")).toBe(2);
    const many = setUp(setOf(...Array.from({ length: 50 }, () => one)));
    expect(await many.find("one")).toBe(4);
  });

  test("TEN-3 a token that names no key is tried only where one key comes into question", async () => {
    expect(await setUp(setOf(one)).find(null)).toBe(1);
    expect(await setUp(setOf(one, other)).find(null)).toBe(0);
    expect(
      await setUp(setOf(one, { kty: "RSA", n: "AQAB", e: "AQAB" }, { ...other, crv: "P-384", alg: undefined })).find(
        null,
      ),
    ).toBe(1);
  });

  test("TEN-3 are read anew when their address changed, and each provider has its own", async () => {
    const world = setUp(setOf(one));
    await world.find("one");
    world.publish(setOf(other));
    expect(await world.find("one", { ...provider, jwksUri: "https://login.example.com/new" })).toBe(0);
    expect(await world.find("other", { ...provider, id: "p2" })).toBe(1);
    expect(world.asked).toHaveLength(3);
  });
});
