import { describe, expect, test } from "vitest";
import { CairnError, errorStatus, plainError, reviveError, toCairnError } from "./error.ts";

describe("errors", () => {
  test("API-3 keep code, message and data across a thread", () => {
    const error = new CairnError("memory.version_conflict", "moved on", { currentVersion: 4 });
    const revived = reviveError(structuredClone(plainError(error)));
    expect(revived).toBeInstanceOf(CairnError);
    expect(revived).toMatchObject({
      code: "memory.version_conflict",
      message: "moved on",
      status: 409,
      data: { currentVersion: 4 },
    });
  });

  test("API-3 tell nothing of what was thrown by accident", () => {
    const secret = new Error("content: my password is hunter2");
    const coded = toCairnError(secret);
    expect(coded.code).toBe("internal");
    expect(JSON.stringify(plainError(secret))).not.toContain("hunter2");
    expect(coded.cause).toBe(secret);
  });

  test("API-3 have an HTTP status of an error each", () => {
    for (const status of Object.values(errorStatus)) expect(status).toBeGreaterThanOrEqual(400);
  });
});
