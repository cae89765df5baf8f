import { spawn } from "node:child_process";
import { readFileSync, utimesSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { makeClone } from "./fake-clone.ts";
import { explainFailure } from "./npm.js";

describe("installing", () => {
  test("OPS-1 a first start installs what is missing, says so in one line, and runs", async () => {
    using clone = makeClone();
    const { status, stdout, stderr } = await clone.launch(["cairn", "recall", "--json", "a b"]);
    expect(JSON.parse(stdout)).toEqual({ command: "recall", args: ["--json", "a b"] });
    expect(stderr.trim().split("\n")).toEqual([expect.stringContaining("Installing")]);
    expect(clone.npmCalls()).toEqual([expect.stringMatching(/^ci --ignore-scripts/u)]);
    expect(status).toBe(0);
  });

  test("OPS-1 a second start installs nothing and says nothing", async () => {
    using clone = makeClone();
    await clone.launch(["cairn"]);
    const { stderr } = await clone.launch(["cairn"]);
    expect(stderr).toBe("");
    expect(clone.npmCalls()).toHaveLength(1);
  });

  test("a changed lockfile installs again", async () => {
    using clone = makeClone();
    await clone.launch(["cairn"]);
    clone.write("package-lock.json", `{ "packages": { "node_modules/tool": { "version": "2.0.0" } } }`);
    await clone.launch(["cairn"]);
    expect(clone.npmCalls()).toHaveLength(2);
  });

  test("what a person installed with npm counts as installed", async () => {
    using clone = makeClone();
    clone.write("node_modules/.package-lock.json", readFileSync(join(clone.root, "package-lock.json"), "utf8"));
    await clone.launch(["cairn"]);
    expect(clone.npmCalls()).toEqual([]);
  });

  test("serving needs no development tools, testing does", async () => {
    using clone = makeClone();
    const tool = { version: "1.0.0" };
    const lockfile = { packages: { "node_modules/a": tool, "node_modules/b": { ...tool, dev: true } } };
    clone.write("package-lock.json", JSON.stringify(lockfile));
    clone.write("node_modules/.package-lock.json", JSON.stringify({ packages: { "node_modules/a": tool } }));
    clone.write("tools/verify/test.ts", "");
    await clone.launch(["serve"]);
    expect(clone.npmCalls()).toEqual([]);
    await clone.launch(["test"]);
    expect(clone.npmCalls()).toHaveLength(1);
  });

  test("a lockfile that npm ci refuses is installed in the forgiving way", async () => {
    using clone = makeClone();
    const { status } = await clone.launch(["cairn"], { NPM_MODE: "refuses-lockfile" });
    expect(status).toBe(0);
    expect(clone.npmCalls().map((call) => call.split(" ").slice(0, 2))).toEqual([
      ["ci", "--ignore-scripts"],
      ["install", "--no-save"],
    ]);
  });

  test("a failure shows what npm said and the likely cause, and exits with 1", async () => {
    using clone = makeClone();
    const { status, stdout, stderr } = await clone.launch(["cairn"], { NPM_MODE: "offline" });
    expect(status).toBe(1);
    expect(stdout).toBe("");
    expect(stderr).toContain("network request failed");
    expect(stderr).toContain("registry cannot be reached");
    expect((await clone.launch(["cairn"])).status).toBe(0);
  });

  test("no npm at all is said plainly", () => {
    expect(explainFailure("Error: spawn npm ENOENT")).toContain("npm was not found");
  });

  test("two at once install once", async () => {
    using clone = makeClone();
    const ended = await Promise.all([1, 2].map(() => clone.launch(["cairn"], { NPM_MODE: "slow" })));
    expect(ended.map(({ status }) => status)).toEqual([0, 0]);
    expect(clone.npmCalls()).toHaveLength(1);
  });

  test("the lock of a launcher that died is taken over", async () => {
    using clone = makeClone();
    const gone = await new Promise<number>((resolve) => {
      const child = spawn(process.execPath, ["-e", ""]);
      child.on("close", () => resolve(child.pid ?? 0));
    });
    clone.write(".cache/install.lock/owner.json", JSON.stringify({ pid: gone, host: hostname(), token: "old" }));
    expect((await clone.launch(["cairn"])).status).toBe(0);
  });

  test("a lock that nobody has touched for long is taken over", async () => {
    using clone = makeClone();
    clone.write(".cache/install.lock/owner.json", JSON.stringify({ pid: 1, host: "elsewhere", token: "old" }));
    const past = new Date(Date.now() - 120_000);
    utimesSync(join(clone.root, ".cache", "install.lock"), past, past);
    expect((await clone.launch(["cairn"])).status).toBe(0);
  });
});
