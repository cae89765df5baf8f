import { createHmac } from "node:crypto";
import { describe, expect, test } from "vitest";
import { mintKey } from "./key-format.ts";
import { hashKey, isHashOf, peppersOf } from "./key-hash.ts";

const secret = (id: string, byte: number) => ({
  id,
  derive: (purpose: string) => Buffer.concat([Buffer.alloc(32, byte), Buffer.from(purpose)]),
});

describe("what recognises a key", () => {
  const pepper = { id: "one", bytes: Buffer.alloc(32, 1) };

  test("TEN-2 is HMAC-SHA256 of the whole key under the pepper, which it names", () => {
    const { key } = mintKey();
    const hash = createHmac("sha256", Buffer.alloc(32, 1)).update(key).digest("hex");
    expect(hashKey(pepper, key)).toEqual({ pepper: "one", hash });
    expect(isHashOf(pepper, key, hash)).toBe(true);
  });

  test("TEN-2 is no other key's, no other pepper's, and no part of itself", () => {
    const { key } = mintKey();
    const { hash } = hashKey(pepper, key);
    expect(isHashOf(pepper, mintKey().key, hash)).toBe(false);
    expect(isHashOf({ id: "two", bytes: Buffer.alloc(32, 2) }, key, hash)).toBe(false);
    for (const kept of ["", "00", hash.slice(2), `${hash}00`, "not hexadecimal"]) {
      expect(isHashOf(pepper, key, kept)).toBe(false);
    }
  });

  test("TEN-2 peppers come from the server's secrets, the older ones too", () => {
    const secrets = [secret("new", 2), secret("old", 1)] as const;
    const peppers = peppersOf({ current: secrets[0], find: (id) => secrets.find((one) => one.id === id) ?? null });
    expect(peppers.current).toEqual({ id: "new", bytes: secrets[0].derive("key pepper") });
    expect(peppers.find("old")).toEqual({ id: "old", bytes: secrets[1].derive("key pepper") });
    expect(peppers.find("gone")).toBeNull();
  });
});
