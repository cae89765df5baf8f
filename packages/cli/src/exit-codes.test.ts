import { CairnError, type ErrorCode, errorStatus } from "@cairn/kernel/error";
import { describe, expect, test } from "vitest";
import { exitCodeFor, exitCodeOf, exitCodes } from "./exit-codes.ts";

describe("API-7: the exit status tells what happened", () => {
  test("the numbers are those that are documented", () => {
    expect(exitCodes).toEqual({
      ok: 0,
      failure: 1,
      usage: 2,
      notFound: 3,
      conflict: 4,
      storage: 5,
      invalidInput: 6,
      interrupted: 130,
    });
  });

  test.each([
    ["memory.not_found", 3],
    ["memory.version_conflict", 4],
    ["storage.busy", 5],
    ["storage.full", 5],
    ["storage.read_only", 5],
    ["request.invalid", 6],
    ["import.invalid", 6],
    ["config.invalid", 6],
    ["internal", 1],
  ] as const)("%s is %i", (code, status) => {
    expect(exitCodeOf(new CairnError(code, "x"))).toBe(status);
  });

  test("no error is mistaken for success, for bad usage or for an interruption", () => {
    for (const code of Object.keys(errorStatus) as ErrorCode[]) {
      expect([exitCodes.ok, exitCodes.usage, exitCodes.interrupted]).not.toContain(exitCodeFor(code));
    }
    expect(exitCodeOf(new Error("x"))).toBe(1);
  });
});
