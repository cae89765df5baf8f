import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describePeople } from "@cairn/testing/people-conformance";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { openSqliteDatabase, type SqliteDatabase } from "../database/sqlite-database.ts";
import { normalEmail } from "./email-address.ts";

describePeople("SQLite", async () => {
  const folder = await mkdtemp(join(tmpdir(), "cairn-people-"));
  const opened: SqliteDatabase[] = [];
  return {
    open: () => {
      const database = openSqliteDatabase({ file: join(folder, "directory.db") });
      opened.push(database);
      return database;
    },
    caughtUp: async () => undefined,
    [Symbol.asyncDispose]: async () => {
      for (const database of opened) await database.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
});

describe("an address of mail", () => {
  test("TEN-1 is kept in one form", () => {
    expect(normalEmail(" Anna.Berger+Cairn@Example.COM ")).toBe("anna.berger+cairn@example.com");
    expect(normalEmail("anna@Bücher.example")).toBe("anna@xn--bcher-kva.example");
    expect(normalEmail(`${"x".repeat(64)}@example.com`)).not.toBeNull();
  });

  test.each([
    "",
    "anna",
    "anna@",
    "@example.com",
    "anna@localhost",
    "anna@example.com, ben@example.com",
    "Anna <anna@example.com>",
    '"anna"@example.com',
    "anna@@example.com",
    "an na@example.com",
    ".anna@example.com",
    "anna.@example.com",
    "an..na@example.com",
    "anna@-example.com",
    "anna@example..com",
    "anna@127.0.0.1",
    "anna@[127.0.0.1]",
    "anna@example.com\r\nBcc: ben@example.com",
    "анна@example.com",
    "\u212aate@example.com",
    "anna\u017f@example.com",
    `${"x".repeat(65)}@example.com`,
    `anna@${"x".repeat(64)}.com`,
    `anna@${"x.".repeat(130)}com`,
  ])("TEN-1 is none: %j", (given) => {
    expect(normalEmail(given)).toBeNull();
  });

  test("TEN-1 in its one form is that form, and one line without signs that headers give a meaning", () => {
    fc.assert(
      fc.property(fc.oneof(fc.emailAddress(), fc.string({ unit: "binary" })), (given) => {
        const normal = normalEmail(given);
        if (normal === null) return;
        expect(normalEmail(normal)).toBe(normal);
        expect(normal).toMatch(/^[a-z0-9_'+.-]+@[a-z0-9.-]+$/u);
      }),
    );
  });
});
