import { spawn } from "node:child_process";
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";

/** Stands in for npm: notes each call, then behaves as NPM_MODE says, leaving behind what npm would. */
const fakeNpm = `
const fs = require("node:fs");
fs.appendFileSync("npm-calls.log", process.argv.slice(2).join(" ") + "\\n");
const mode = process.env.NPM_MODE ?? "works";
const refused = mode === "refuses-lockfile" && process.argv[2] === "ci";
if (refused) console.error("npm error code EUSAGE\\nnpm error Missing: @tool/binary@1.0.0 from lock file");
if (mode === "offline") console.error("npm error code ENOTFOUND\\nnpm error network request failed");
if (refused || mode === "offline") process.exit(1);
setTimeout(() => {
  fs.mkdirSync("node_modules", { recursive: true });
  console.log("a wall of text");
}, mode === "slow" ? 600 : 0);
`;

const program = `
import { setTimeout } from "node:timers/promises";
const [, , command, ...args] = process.argv;
if (args[0] === "exit") process.exit(Number(args[1]));
if (args[0] === "wait") {
  process.on("SIGTERM", () => process.exit(7));
  console.log("waiting " + process.pid);
  await setTimeout(20_000);
}
console.log(JSON.stringify({ command, args }));
`;

interface Ended {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A clone of nothing but the launcher, in a temporary folder, with the fake npm first on the PATH. */
export const makeClone = () => {
  const root = mkdtempSync(join(tmpdir(), "cairn-launch-"));
  const write = (path: string, text: string): string => {
    const file = join(root, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    return file;
  };
  cpSync(import.meta.dirname, join(root, "bin"), { recursive: true, filter: (path) => !path.endsWith(".ts") });
  write("package.json", `{ "type": "module" }`);
  write("package-lock.json", `{ "packages": { "node_modules/tool": { "version": "1.0.0" } } }`);
  write("packages/cli/src/main.ts", program);
  write("path/npm.cjs", fakeNpm);
  chmodSync(
    write("path/npm", `#!/bin/sh\nexec "${process.execPath}" "${join(root, "path", "npm.cjs")}" "$@"\n`),
    0o755,
  );
  write("path/npm.cmd", `@"${process.execPath}" "${join(root, "path", "npm.cjs")}" %*\r\n`);

  const start = (args: readonly string[], env: NodeJS.ProcessEnv = {}) => {
    const { npm_execpath: _, NODE_COMPILE_CACHE: __, ...outer } = process.env;
    return spawn(process.execPath, [join(root, "bin", "launch.js"), ...args], {
      cwd: root,
      env: { ...outer, PATH: `${join(root, "path")}${delimiter}${process.env["PATH"]}`, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
  };
  const launch = (args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Ended> =>
    new Promise((resolve, reject) => {
      const child = start(args, env);
      let stdout = "";
      let stderr = "";
      child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
      child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
      child.on("error", reject);
      child.on("close", (status, signal) => resolve({ status, signal, stdout, stderr }));
    });
  return {
    root,
    write,
    start,
    launch,
    npmCalls: (): readonly string[] => {
      const log = join(root, "npm-calls.log");
      return existsSync(log) ? readFileSync(log, "utf8").trim().split("\n") : [];
    },
    [Symbol.dispose]: () => rmSync(root, { recursive: true, force: true }),
  };
};
