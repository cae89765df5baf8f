import { randomFillSync } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isKeyId, keyIdOf, keyLength, mintKey } from "./key-format.ts";

const characters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/** Keys of any randomness at all. */
const minted = fc.uint8Array({ minLength: 200, maxLength: 200 }).map((seed) =>
  mintKey((bytes) => {
    for (let at = 0; at < bytes.length; at += 1) bytes[at] = (seed[at % seed.length] ?? 0) % 248;
  }),
);

describe("the format of keys", () => {
  test("TEN-2 is cairn_live_, an id, 43 characters of secret and a checksum", () => {
    const { id, key } = mintKey();
    expect(key).toMatch(/^cairn_live_[0-9A-Za-z]{20}_[0-9A-Za-z]{49}$/u);
    expect(key).toHaveLength(keyLength);
    expect(key.slice(11, 31)).toBe(id);
    expect(isKeyId(id)).toBe(true);
  });

  test("TEN-2 has the checksum that others can compute: CRC-32 in base 62", () => {
    const { key } = mintKey((bytes) => bytes.fill(0));
    expect(key).toBe(`cairn_live_${"0".repeat(20)}_${"0".repeat(43)}${key.slice(-6)}`);
    // Bit by bit (ISO 3309, reflected polynomial 0xEDB88320), so that a mistake in the fast one shows.
    let sum = 0xffffffff;
    for (const byte of Buffer.from(key.slice(0, -6))) {
      sum ^= byte;
      for (let bit = 0; bit < 8; bit += 1) sum = (sum >>> 1) ^ (sum & 1 ? 0xedb88320 : 0);
    }
    const value = (sum ^ 0xffffffff) >>> 0;
    const read = Array.from(key.slice(-6)).reduce((total, one) => total * 62 + characters.indexOf(one), 0);
    expect(read).toBe(value);
  });

  test("TEN-2 gives back the id of every key", () => {
    fc.assert(
      fc.property(minted, ({ id, key }) => {
        expect(keyIdOf(key)).toBe(id);
      }),
    );
  });

  test("TEN-2 knows a key by its checksum: one character changed, left out, doubled or swapped is none", () => {
    const change = fc.record({
      at: fc.nat({ max: keyLength - 1 }),
      to: fc.constantFrom(...characters, "_", " ", "é"),
      how: fc.constantFrom("change", "leave out", "double", "swap"),
    });
    fc.assert(
      fc.property(minted, change, ({ key }, { at, to, how }) => {
        const one = key.charAt(at);
        const changed = {
          change: `${key.slice(0, at)}${to}${key.slice(at + 1)}`,
          "leave out": `${key.slice(0, at)}${key.slice(at + 1)}`,
          double: `${key.slice(0, at)}${one}${key.slice(at)}`,
          swap: `${key.slice(0, at)}${key.charAt(at + 1)}${one}${key.slice(at + 2)}`,
        }[how];
        expect(keyIdOf(changed)).toBe(changed === key ? key.slice(11, 31) : null);
      }),
    );
  });

  test("TEN-2 takes any text at all, of any length", () => {
    fc.assert(fc.property(fc.string({ unit: "binary", maxLength: 200 }), (given) => keyIdOf(given) === null));
    for (const given of ["", "cairn_live_", `cairn_live_${"a".repeat(1_000_000)}`, "\n".repeat(keyLength)]) {
      expect(keyIdOf(given)).toBeNull();
    }
    const { key } = mintKey();
    for (let end = 0; end < key.length; end += 1) expect(keyIdOf(key.slice(0, end))).toBeNull();
    expect(keyIdOf(`${key}\n`)).toBeNull();
    expect(keyIdOf(key.toUpperCase())).toBeNull();
  });

  test("TEN-2 makes each character of a secret equally likely", () => {
    const firstOf = (byte: number): string => {
      const { id } = mintKey((bytes) => bytes.fill(0).set([byte]));
      return id.charAt(0);
    };
    const counts = new Map<string, number>();
    for (let byte = 0; byte < 248; byte += 1) counts.set(firstOf(byte), (counts.get(firstOf(byte)) ?? 0) + 1);
    expect([...counts.values()]).toEqual(Array.from({ length: 62 }, () => 4));
    // 248 is the last multiple of 62: a byte beyond it is left out, and the next one counts.
    for (let byte = 248; byte < 256; byte += 1) {
      const { id } = mintKey((bytes) => bytes.fill(1).set([byte]));
      expect(id).toBe("1".repeat(20));
    }
  });

  test("TEN-2 draws from a cryptographic source, and never twice the same", () => {
    const keys = Array.from({ length: 1_000 }, () => mintKey());
    expect(new Set(keys.map(({ id }) => id)).size).toBe(1_000);
    expect(new Set(keys.map(({ key }) => key.slice(32, -6))).size).toBe(1_000);
    expect(mintKey((bytes) => void randomFillSync(bytes)).key).toHaveLength(keyLength);
  });
});
