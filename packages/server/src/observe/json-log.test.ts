import { mkdtemp, open, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { makeJsonLogger, type JsonLoggerOptions } from "./json-log.ts";

const setup = async (options: Partial<JsonLoggerOptions> = {}) => {
  const folder = await mkdtemp(join(tmpdir(), "cairn-log-"));
  const file = await open(join(folder, "log"), "a");
  const log = makeJsonLogger({ level: "info", requests: true, instance: "box-1", descriptor: file.fd, ...options });
  const lines = async (): Promise<readonly Record<string, unknown>[]> => {
    await log.flush();
    const text = await readFile(join(folder, "log"), "utf8");
    return text
      .split("\n")
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  };
  const dispose = async (): Promise<void> => {
    await file.close();
    await rm(folder, { recursive: true });
  };
  return { log, lines, [Symbol.asyncDispose]: dispose };
};

const request = {
  requestId: "r-1",
  traceId: "t-1",
  method: "GET",
  route: "/v1/memories/{id}",
  status: 200,
  milliseconds: 1.23456,
  bytes: 321,
};

test("OPS-4 one JSON object a line, with time, level, the instance and stable names", async () => {
  await using given = await setup();
  given.log.request?.(request);
  given.log.failure({ requestId: "r-2", route: "sweep", code: "internal", milliseconds: 0, cause: "TypeError at x" });
  given.log.notice("warn", "A line\nwith two.");
  expect(await given.lines()).toEqual([
    {
      level: "info",
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/u),
      instance: "box-1",
      request_id: "r-1",
      method: "GET",
      route: "/v1/memories/{id}",
      status: 200,
      ms: 1.2,
      bytes: 321,
      trace_id: "t-1",
      msg: "request",
    },
    expect.objectContaining({ level: "error", code: "internal", cause: "TypeError at x", route: "sweep" }),
    expect.objectContaining({ level: "warn", msg: "A line\nwith two." }),
  ]);
});

test("OPS-4 requests are logged only where they are wanted, and nothing below the level is", async () => {
  await using quiet = await setup({ requests: false });
  expect(quiet.log.request).toBeNull();
  await using errors = await setup({ level: "error" });
  expect(errors.log.request).toBeNull();
  errors.log.notice("warn", "not written");
  errors.log.failure({ requestId: "r", route: "x", code: "internal", milliseconds: 0 });
  expect((await errors.lines()).map(({ level }) => level)).toEqual(["error"]);
});
