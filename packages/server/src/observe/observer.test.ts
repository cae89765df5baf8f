import { execFile } from "node:child_process";
import { mkdtemp, open, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { setUpOperations } from "@cairn/testing/setup-operations";
import { describe, expect, test } from "vitest";
import type { ObserveSettings } from "./observe-settings.ts";
import { openObserver } from "./observer.ts";

const setup = async (servesOthers: boolean, settings: Partial<ObserveSettings> = {}) => {
  const folder = await mkdtemp(join(tmpdir(), "cairn-observer-"));
  const file = await open(join(folder, "log"), "a");
  const warnings: string[] = [];
  const observer = await openObserver({
    settings: { logFormat: "auto", logLevel: "info", logRequests: null, tracing: null, ...settings },
    servesOthers,
    instance: "i",
    version: "1",
    warn: (line) => warnings.push(line),
    descriptor: file.fd,
  });
  const lines = async (): Promise<readonly string[]> => {
    await observer.close();
    return (await readFile(join(folder, "log"), "utf8")).split("\n").filter(Boolean);
  };
  const dispose = async (): Promise<void> => {
    await file.close();
    await rm(folder, { recursive: true });
  };
  return { observer, warnings, lines, [Symbol.asyncDispose]: dispose };
};

describe("what is logged by default", () => {
  test("OPS-4 on a laptop: warnings for a person, no line for a request", async () => {
    await using given = await setup(false);
    given.observer.log.notice("warn", "Mind this.");
    given.observer.log.notice("info", "This is in the greeting.");
    expect([given.warnings, await given.lines(), given.observer.log.request]).toEqual([["Mind this."], [], null]);
  });

  test("OPS-4 where others are served and no terminal shows it: JSON, with a line for each request", async () => {
    await using given = await setup(!process.stderr.isTTY, process.stderr.isTTY ? { logFormat: "json" } : {});
    given.observer.log.notice("warn", "Mind this.");
    given.observer.failed("sweep")(new TypeError("secret"));
    const lines = await given.lines();
    expect(lines.map((line) => (JSON.parse(line) as { level: string }).level)).toEqual(["warn", "error"]);
    expect([given.warnings, lines.join().includes("secret")]).toEqual([[], false]);
  });

  test("OPS-4 a setting wins over what would fit the server", async () => {
    await using given = await setup(true, { logFormat: "text", logRequests: false });
    expect(given.observer.log.request).toBeNull();
    given.observer.log.notice("warn", "Mind this.");
    expect(given.warnings).toEqual(["Mind this."]);
  });
});

test("OPS-4 without tracing nothing stands between an operation and its engine", async () => {
  await using given = await setup(false);
  const { services, pipeline } = setUpOperations();
  expect(given.observer.services(services)).toBe(services);
  expect(given.observer.pipeline(pipeline)).toBe(pipeline);
});

test("OPS-4 `cairn mcp` loads nothing of it", async () => {
  const file = (path: string): string => JSON.stringify(new URL(path, import.meta.url).href);
  const program = [
    `for (const path of [${file("../mcp/stdio.ts")}, ${file("../services.ts")}, ${file("../settings.ts")}]) await import(path);`,
    `const { createRequire } = await import("node:module");`,
    `const loaded = () => Object.keys(createRequire(${file("observer.ts")}).cache).filter((name) => /prom-client|pino|opentelemetry/.test(name)).length;`,
    `const before = loaded();`,
    `await import(${file("metrics.ts")});`,
    `console.log(JSON.stringify([before, loaded() > 0]));`,
  ].join("\n");
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", program]);
  expect(JSON.parse(stdout)).toEqual([0, true]);
});
