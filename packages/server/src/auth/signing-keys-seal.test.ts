import { assert, property, string, nat } from "fast-check";
import { describe, expect, test } from "vitest";
import { secretsOf } from "./secrets.ts";
import { seal, unseal } from "./signing-keys-seal.ts";

const { current } = secretsOf(["one secret of thirty-two characters"]);
const other = secretsOf(["another secret of as many characters"]).current;

describe("a sealed key", () => {
  test("TEN-3 is opened by the secret that sealed it, under its own id", () => {
    assert(
      property(string({ unit: "grapheme" }), string(), (plain, id) => {
        const sealed = seal(current, id, plain);
        expect(unseal(current, id, sealed)).toBe(plain);
        expect(unseal(other, id, sealed)).toBeNull();
        expect(unseal(current, `${id}x`, sealed)).toBeNull();
      }),
    );
  });

  test("TEN-3 is not opened when any byte of it was changed, or some are missing", () => {
    const sealed = Buffer.from(seal(current, "key", "private"), "base64url");
    assert(
      property(nat(sealed.length - 1), nat(254), (at, change) => {
        const bytes = Buffer.from(sealed);
        bytes[at] = (bytes[at] ?? 0) ^ (change + 1);
        expect(unseal(current, "key", bytes.toString("base64url"))).toBeNull();
        expect(unseal(current, "key", sealed.subarray(0, at).toString("base64url"))).toBeNull();
      }),
    );
  });

  test("TEN-3 looks different each time", () => {
    expect(seal(current, "key", "private")).not.toBe(seal(current, "key", "private"));
  });
});
