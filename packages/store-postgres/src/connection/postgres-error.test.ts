import { CairnError } from "@cairn/kernel/error";
import { expect, test } from "vitest";
import { isConnectionLoss, postgresError, refusedConnection, sqlStateOf } from "./postgres-error.ts";

const failure = (code: string, message = "secret content"): Error => Object.assign(new Error(message), { code });

test.for([
  ["25006", "storage.read_only"],
  ["25P03", "storage.unavailable"],
  ["28P01", "config.invalid"],
  ["3D000", "config.invalid"],
  ["40001", "storage.busy"],
  ["40P01", "storage.busy"],
  ["53100", "storage.full"],
  ["53300", "storage.busy"],
  ["55P03", "storage.busy"],
  ["57014", "storage.busy"],
  ["57P01", "storage.unavailable"],
  ["57P03", "storage.unavailable"],
  ["08006", "storage.unavailable"],
  ["XX001", "storage.corrupt"],
  ["ECONNREFUSED", "storage.unavailable"],
  ["ETIMEDOUT", "storage.unavailable"],
  ["23505", "internal"],
  ["42501", "internal"],
  ["25P02", "internal"],
] as const)("OPS-5 %s becomes %s and repeats nothing of the statement", ([state, code]) => {
  const error = postgresError(failure(state));
  expect(error).toMatchObject({ code, cause: { code: state } });
  expect(`${error.message}${JSON.stringify(error.data)}`).not.toContain("secret");
});

test.for([
  ["timeout exceeded when trying to connect", "storage.busy"],
  ["Query read timeout", "storage.busy"],
  ["Connection terminated unexpectedly", "storage.unavailable"],
  ["Connection terminated due to connection timeout", "storage.unavailable"],
  ["Client has encountered a connection error and is not queryable", "storage.unavailable"],
  ["Client was closed and is not queryable", "storage.unavailable"],
  ["something else", "internal"],
] as const)('OPS-5 "%s", which has no code, becomes %s', ([message, code]) => {
  expect(postgresError(new Error(message)).code).toBe(code);
});

test("OPS-5 what passes by itself says when to come again, the rest does not", () => {
  for (const state of ["40001", "57014", "57P01", "ECONNRESET"]) {
    expect(postgresError(failure(state)).data.retryAfterMs, state).toBeGreaterThan(0);
  }
  for (const state of ["53100", "25006", "28P01", "23505"]) {
    expect(postgresError(failure(state)).data.retryAfterMs, state).toBeUndefined();
  }
});

test("OPS-5 coded errors stay what they are, and only a lost connection is one", () => {
  const ours = new CairnError("memory.not_found", "There is no such memory.");
  expect(postgresError(ours)).toBe(ours);
  expect(isConnectionLoss(ours)).toBe(false);
  expect(isConnectionLoss(failure("57P01"))).toBe(true);
  expect(isConnectionLoss(postgresError(failure("ECONNRESET")))).toBe(true);
  expect(isConnectionLoss(failure("57014"))).toBe(false);
  expect(sqlStateOf("no error")).toBe("");
});

test("OPS-5 a connection that is refused for a reason we do not know is a matter of the settings", () => {
  expect(refusedConnection(failure("42501")).code).toBe("config.invalid");
  expect(refusedConnection(failure("22023")).code).toBe("config.invalid");
  expect(refusedConnection(failure("57P03")).code).toBe("storage.unavailable");
  expect(refusedConnection(new Error("timeout exceeded when trying to connect")).code).toBe("storage.busy");
});
