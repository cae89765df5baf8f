import fc from "fast-check";
import { expect, test } from "vitest";
import { deviceName } from "./browser/device-name.js";
import { fromFragment, ownPath } from "./browser/own-address.js";

const origin = "https://memory.example.com";

test("TEN-1 after signing in a person only ever goes to a page of this server", () => {
  for (const path of ["/account", "/account/keys?organisation=a-b", "/account/join#x", "/"]) {
    expect(ownPath(path, origin)).toBe(path);
  }
  const elsewhere = [
    null,
    "",
    "account",
    "https://evil.example",
    "//evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/\t/evil.example",
    "/.//evil.example",
    "/a/..//evil.example",
    "/%09/\n/evil.example",
    "javascript:alert(1)",
    " /account",
    `/${"a".repeat(2_000)}`,
  ];
  for (const given of elsewhere) expect([given, ownPath(given, origin)]).toEqual([given, "/account"]);
});

test("TEN-1 no text at all leads to another server", () => {
  const part = fc.constantFrom(
    "/",
    "\\",
    ".",
    "..",
    "//",
    "@",
    ":",
    "evil.example",
    "\t",
    "\n",
    "%2f",
    "?",
    "#",
    "https:",
  );
  const given = fc.oneof(
    fc.string(),
    fc.array(part, { maxLength: 8 }).map((parts) => `/${parts.join("")}`),
  );
  fc.assert(
    fc.property(given, (text) => {
      const path = ownPath(text, origin);
      expect(path).toMatch(/^\/(?!\/)/u);
      expect(new URL(path, origin).origin).toBe(origin);
    }),
    { numRuns: 2_000 },
  );
});

test("a token is read from the fragment, and from nowhere else in it", () => {
  expect(fromFragment("#token=a_b-c", "token")).toBe("a_b-c");
  expect(fromFragment("#other=1&token=abc", "token")).toBe("abc");
  expect([fromFragment("", "token"), fromFragment("#", "token"), fromFragment("#tokens=1", "token")]).toEqual([
    null,
    null,
    null,
  ]);
});

test("a session is called what its person calls the device", () => {
  const edge =
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0";
  const android =
    "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36";
  const safari =
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/605.1.15";
  expect([edge, android, safari, "curl/8.5.0", "", null].map(deviceName)).toEqual([
    "Edge on Windows",
    "Chrome on Android",
    "Safari on Mac",
    "curl/8.5.0",
    "Unknown device",
    "Unknown device",
  ]);
});
