import { CairnError } from "@cairn/kernel/error";
import { expect, test } from "vitest";
import { isUniqueViolation, storageError } from "./storage-error.ts";

const withCode = (code: string): Error => Object.assign(new Error("secret text"), { code });

test.each([
  ["SQLITE_FULL", "storage.full"],
  ["ENOSPC", "storage.full"],
  ["SQLITE_READONLY", "storage.read_only"],
  ["SQLITE_READONLY_DIRECTORY", "storage.read_only"],
  ["SQLITE_CANTOPEN", "storage.read_only"],
  ["EROFS", "storage.read_only"],
  ["SQLITE_BUSY", "storage.busy"],
  ["SQLITE_BUSY_SNAPSHOT", "storage.busy"],
  ["SQLITE_CORRUPT", "storage.corrupt"],
  ["SQLITE_IOERR", "storage.unavailable"],
  ["__proto__", "storage.unavailable"],
])("%s is %s, and its own text is not told", (given, expected) => {
  const error = storageError(withCode(given));
  expect(error.code).toBe(expected);
  expect(error.message).not.toContain("secret");
});

test("a coded error stays what it is", () => {
  const error = new CairnError("space.not_found", "There is no such space.");
  expect(storageError(error)).toBe(error);
});

test("a value that must be unique is recognised on SQLite and PostgreSQL", () => {
  expect(isUniqueViolation(withCode("SQLITE_CONSTRAINT_UNIQUE"))).toBe(true);
  expect(isUniqueViolation(withCode("23505"))).toBe(true);
  expect(isUniqueViolation(withCode("SQLITE_BUSY"))).toBe(false);
});
