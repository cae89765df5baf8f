import { spawn } from "node:child_process";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { makeClone } from "./fake-clone.ts";

describe("running", () => {
  test("the exit status is the program's own", async () => {
    using clone = makeClone();
    expect((await clone.launch(["cairn", "-", "exit", "3"])).status).toBe(3);
  });

  test("serve is put before the arguments", async () => {
    using clone = makeClone();
    const { stdout } = await clone.launch(["serve", "--port", "1"]);
    expect(JSON.parse(stdout)).toEqual({ command: "serve", args: ["--port", "1"] });
  });

  test("an unknown command is refused with the list", async () => {
    using clone = makeClone();
    const { status, stderr } = await clone.launch(["sevre"]);
    expect(status).toBe(2);
    expect(stderr).toContain("no command `sevre`");
    expect(stderr).toContain("serve");
  });

  test("a part that is not there is named", async () => {
    using clone = makeClone();
    const { status, stderr } = await clone.launch(["soak"]);
    expect(status).toBe(1);
    expect(stderr).toContain("testing/src/soak.ts");
  });
});

const firstLine = (child: ReturnType<typeof spawn>): Promise<string> =>
  new Promise((resolve) => child.stdout?.setEncoding("utf8").once("data", (text: string) => resolve(text.trim())));
const pidOf = async (child: ReturnType<typeof spawn>): Promise<number> =>
  Number((await firstLine(child)).split(" ")[1]);
const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};
/** Waits, because a dead process may count as alive until the system's first process has noticed. */
const hasEnded = async (pid: number): Promise<boolean> => {
  for (let tries = 0; tries < 100 && isAlive(pid); tries += 1) await setTimeout(100);
  return !isAlive(pid);
};

describe.skipIf(process.platform === "win32")("started by npm, with a shell between", () => {
  /** What `npm start` is to the system: Node, which starts a shell, which starts the launcher. */
  const startAsNpm = (clone: ReturnType<typeof makeClone>) => {
    const command = `"${process.execPath}" bin/launch.js cairn - wait; true`;
    const npm = `require("node:child_process").spawn("sh", ["-c", ${JSON.stringify(command)}], { stdio: "inherit" })`;
    const env = { ...process.env, npm_lifecycle_event: "start" };
    return spawn(process.execPath, ["-e", npm], { cwd: clone.root, env, stdio: ["ignore", "pipe", "inherit"] });
  };

  test.for(["SIGTERM", "SIGKILL"] as const)("the program ends when npm is ended by %s", async (signal) => {
    using clone = makeClone();
    await clone.launch(["cairn"]);
    const npm = startAsNpm(clone);
    const pid = await pidOf(npm);
    npm.kill(signal);
    expect(await hasEnded(pid)).toBe(true);
  });
});

/** An old Node cannot be had in a test, so the part that an old Node would play is started by itself. */
describe.skipIf(process.platform === "win32")("running under another Node", () => {
  const startThere = (clone: ReturnType<typeof makeClone>) => {
    const starter = clone.write(
      "start.js",
      `import { runThere } from "./bin/run-there.js";
       const [entry, ...args] = process.argv.slice(2);
       await runThere({ node: process.execPath, runner: ${JSON.stringify(join(clone.root, "bin", "run.js"))}, entry, args });`,
    );
    const entry = join(clone.root, "packages", "cli", "src", "main.ts");
    return (...args: readonly string[]) =>
      spawn(process.execPath, [starter, entry, ...args], { stdio: ["ignore", "pipe", "inherit"] });
  };
  const ended = (child: ReturnType<typeof spawn>): Promise<readonly [number | null, string | null]> =>
    new Promise((resolve) => child.on("exit", (status, signal) => resolve([status, signal])));

  test("the exit status is the program's own", async () => {
    using clone = makeClone();
    expect(await ended(startThere(clone)("-", "exit", "5"))).toEqual([5, null]);
  });

  test("a termination is passed on, and the program decides how to end", async () => {
    using clone = makeClone();
    const child = startThere(clone)("-", "wait");
    await firstLine(child);
    child.kill("SIGTERM");
    expect(await ended(child)).toEqual([7, null]);
  });

  test("a program that a signal ended is reported as that", async () => {
    using clone = makeClone();
    const child = startThere(clone)("-", "wait");
    const pid = await pidOf(child);
    process.kill(pid, "SIGKILL");
    expect(await ended(child)).toEqual([null, "SIGKILL"]);
  });

  test("killing the launcher kills the program", async () => {
    using clone = makeClone();
    const child = startThere(clone)("-", "wait");
    const pid = await pidOf(child);
    child.kill("SIGKILL");
    await ended(child);
    expect(await hasEnded(pid)).toBe(true);
  });
});
