import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  emailKey,
  granteePrincipalOf,
  isMemberPrincipal,
  organisationNameOf,
  planNameOf,
  slugFrom,
  slugOf,
  slugWith,
} from "./organisation-text.ts";

const anyCharacter = fc.integer({ min: 0, max: 0x10_ff_ff }).map((code) => String.fromCodePoint(code));

describe("slugs of organisations", () => {
  test("are made of any name there can be, with any ending", () => {
    fc.assert(
      fc.property(fc.string({ unit: anyCharacter, maxLength: 120 }), fc.nat({ max: 999_999 }), (name, count) => {
        const [slug, ending] = [slugFrom(name), String(count)];
        expect(slugOf(slug)).toBe(slug);
        expect(slugOf(slugWith(slug, ending))).toMatch(new RegExp(`-${ending}$`, "u"));
      }),
    );
  });

  test("never look like an id", () => {
    const id = "01890000-0000-7000-8000-000000000000";
    expect(() => slugOf(id)).toThrow("slug must be");
    expect(slugFrom(id)).toBe("organisation");
  });
});

describe("addresses that are invited", () => {
  test("are compared whatever the case of their letters, and not whatever looks alike", () => {
    expect(emailKey(" Nina@Example.COM ")).toBe("nina@example.com");
    expect(emailKey("nina@exämple.com")).toBe("nina@xn--exmple-cua.com");
    for (const other of ["mi\u212Ae@example.com", "n\u0131na@example.com", "nin\u0430@example.com"])
      expect(emailKey(other)).toBeNull();
  });

  test.each(["", "nina", "@example.com", "nina@", "a b@example.com", "a@b@example.com", `${"x".repeat(65)}@a.de`])(
    "are not %j",
    (given) => {
      expect(emailKey(given)).toBeNull();
    },
  );

  test("stay the same when they are compared again", () => {
    fc.assert(
      fc.property(fc.emailAddress(), (given) => {
        const once = emailKey(given);
        expect(once === null || emailKey(once) === once).toBe(true);
      }),
    );
  });
});

describe("principals", () => {
  test("COL-1 that can be members are people of this server and of outside sign-ins", () => {
    for (const one of ["user:0aZ_-", "external:okta:00u1", "external:idp:auth0|5:x/y"])
      expect(isMemberPrincipal(one)).toBe(true);
    for (const one of ["local", "anonymous", "key:1", "user:", "user:a\n", "external:idp:", "external::x", "User:1"])
      expect(isMemberPrincipal(one)).toBe(false);
    expect(granteePrincipalOf("key:1")).toBe("key:1");
    expect(() => granteePrincipalOf("local")).toThrow("principal must be");
  });
});

test("names and plans are bounded", () => {
  expect(organisationNameOf(` ${"🪨".repeat(100)} `)).toBe("🪨".repeat(100));
  for (const name of ["", " ", "x".repeat(101), "a\tb", "\ud800"])
    expect(() => organisationNameOf(name)).toThrow("name");
  expect(planNameOf(null)).toBeNull();
  for (const plan of ["", "a plan", "x".repeat(65)]) expect(() => planNameOf(plan)).toThrow("plan must be");
});
