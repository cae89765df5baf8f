import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { network } from "./limits.ts";
import { isFromOwnPage, isOwnPath } from "./own-pages.ts";
import { requirePassword } from "./passwords.ts";

const origin = "https://memory.example.com";

describe("a path of ours", () => {
  test.each(["/", "/account", "/account?tab=keys#top", "/a/b-c_d~e", "/account?to=https://example.com", "/%C3%A4"])(
    "TEN-1 is %j",
    (path) => {
      expect(isOwnPath(path, origin)).toBe(true);
    },
  );

  test.each([
    "",
    "account",
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/%2fevil.example",
    "/%5Cevil.example",
    "/a/..//evil.example",
    "/./\\evil.example",
    "https://evil.example",
    `${origin}/account`,
    "https:evil.example",
    "javascript:alert(1)",
    "/\tevil",
    "/\nevil",
    "/ evil",
    "/\u00a0/evil",
    "/%0d%0aLocation:%20https://evil.example",
    `/${"x".repeat(2_001)}`,
  ])("TEN-1 is not %j", (path) => {
    expect(isOwnPath(path, origin)).toBe(false);
  });

  test("TEN-1 leads browsers to no other host, whatever it is", () => {
    const part = fc.constantFrom(
      "/",
      "\\",
      "..",
      ".",
      "evil.example",
      "%2f",
      "%5c",
      "@",
      ":",
      "?",
      "#",
      "a",
      "\t",
      " ",
    );
    const holds = () =>
      fc.assert(
        fc.property(fc.array(part, { maxLength: 8 }), (parts) => {
          const path = `/${parts.join("")}`;
          return !isOwnPath(path, origin) || new URL(path, origin).origin === origin;
        }),
      );
    expect(holds).not.toThrow();
  });
});

test("TEN-1 a request comes from a page of ours where the browser says so", () => {
  const from = (headers: Record<string, string>): boolean => isFromOwnPage(new Headers(headers), origin);
  expect(from({ origin })).toBe(true);
  expect(from({ "sec-fetch-site": "same-origin" })).toBe(true);
  for (const headers of [
    {},
    { origin: "null" },
    { origin: "https://evil.example" },
    { origin: `${origin}.evil.example` },
    { origin: "http://memory.example.com" },
    { origin: "https://evil.example", "sec-fetch-site": "same-origin" },
    { "sec-fetch-site": "same-site" },
    { "sec-fetch-site": "none" },
  ]) {
    expect(from(headers)).toBe(false);
  }
});

test("TEN-4 addresses of one IPv6 network count as one", () => {
  expect(network("2001:db8:1:2:3:4:5:6")).toBe("2001:db8:1:2");
  expect(network("2001:db8:1:2::1")).toBe(network("2001:DB8:1:2:ffff::"));
  expect(network("2001:db8::1")).toBe("2001:db8:0:0");
  expect(network("::1")).toBe("0:0:0:0");
  expect(network("fe80::1%eth0")).toBe("fe80:0:0:0");
  expect(network("::ffff:192.0.2.1")).toBe("192.0.2.1");
  expect(network("192.0.2.1")).toBe("192.0.2.1");
  expect(network(null)).toBe("unknown");
});

test("TEN-1 a password of any characters is good, unless it is one that is tried first", () => {
  const isGood = (password: string): boolean => {
    try {
      requirePassword(password, ["anna.berger@example.com", "Anna Berger"]);
      return true;
    } catch {
      return false;
    }
  };
  for (const good of ["correct horse battery", "Пароль из слов", "🐎🔋🐴🔌🐎🔋🐴🔌", "x9$kQ2!v"])
    expect(isGood(good)).toBe(true);
  const bad = ["Passw0rd!", "iloveyou2024", "11111111", "87654321", "abababab", "anna.berger", "Berger12345!!"];
  for (const one of bad) expect([one, isGood(one)]).toEqual([one, false]);
});
