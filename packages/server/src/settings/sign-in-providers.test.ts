import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { signInProviders, signInProvidersOf } from "./sign-in-providers.ts";

const acme = { id: "acme", issuer: "https://login.acme.example", client_id: "cairn", client_secret: "secret" };

describe("sign-in providers in the settings", () => {
  test("TEN-1 are a list, or the same as JSON, with the usual scopes", () => {
    const expected = {
      id: "acme",
      name: "acme",
      issuer: "https://login.acme.example",
      clientId: "cairn",
      clientSecret: "secret",
      scopes: ["openid", "email", "profile"],
    };
    for (const given of [[acme], JSON.stringify([acme])]) {
      expect(signInProvidersOf(signInProviders.parse(given))).toEqual([expected]);
    }
  });

  test("TEN-1 may have their secret in a file, or none", async () => {
    const folder = await mkdtemp(join(tmpdir(), "cairn-providers-"));
    try {
      const file = join(folder, "secret");
      await writeFile(file, "from a file\n");
      const { client_secret: _, ...without } = acme;
      const secretOf = (given: object) => signInProvidersOf(signInProviders.parse([given]))[0]?.clientSecret;
      expect(secretOf({ ...without, client_secret_file: file })).toBe("from a file");
      expect(secretOf(without)).toBeNull();
      expect(() => secretOf({ ...without, client_secret_file: join(folder, "none") })).toThrow(
        expect.objectContaining({ code: "config.invalid" }),
      );
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  test.each([
    "not a list",
    [{ ...acme, id: "Acme Corp" }],
    [{ ...acme, issuer: "http://login.acme.example" }],
    [{ ...acme, issuer: "https://user@login.acme.example" }],
    [{ ...acme, issuer: "login.acme.example" }],
    [{ ...acme, secret: "a field that nobody knows" }],
    [{ id: "acme", issuer: acme.issuer }],
    [acme, acme],
  ])("TEN-1 are refused where they cannot work or are not safe: %j", (given) => {
    expect(signInProviders.safeParse(given).success).toBe(false);
  });
});
