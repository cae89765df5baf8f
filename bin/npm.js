import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { basename, dirname, join } from "node:path";

/**
 * How to call npm. Under `npm start` it is named by a variable, and next to Node on Windows; both are JavaScript, so
 * no shell and no `.cmd` file is involved. Otherwise it is looked up on the PATH.
 * @param {NodeJS.ProcessEnv} env
 * @returns {{ file: string, prefix: readonly string[], shell: boolean }}
 */
const findNpm = (env) => {
  const named = env.npm_execpath ?? "";
  const beside = join(dirname(process.execPath), "node_modules", "npm", "bin", "npm-cli.js");
  const script = basename(named) === "npm-cli.js" ? named : process.platform === "win32" ? beside : "";
  const node = env.npm_node_execpath ?? process.execPath;
  if (script !== "" && existsSync(script)) return { file: node, prefix: [script], shell: false };
  return { file: "npm", prefix: [], shell: process.platform === "win32" };
};

/**
 * Runs npm to its end and keeps what it prints. Being interrupted ends npm too.
 * @param {readonly string[]} args @param {string} root @param {NodeJS.ProcessEnv} env
 * @returns {Promise<{ status: number, output: string }>}
 */
export const runNpm = (args, root, env) =>
  new Promise((resolve) => {
    const { file, prefix, shell } = findNpm(env);
    /** @type {string[]} */
    const output = [];
    const child = spawn(file, [...prefix, ...args], { cwd: root, env, shell, stdio: ["ignore", "pipe", "pipe"] });
    /** @param {NodeJS.Signals} signal */
    const interrupt = (signal) => {
      child.kill(signal);
      output.push(`Interrupted by ${signal}.`);
    };
    process.on("SIGINT", interrupt).on("SIGTERM", interrupt);
    /** @param {number} status */
    const finish = (status) => {
      process.off("SIGINT", interrupt).off("SIGTERM", interrupt);
      resolve({ status, output: output.join("") });
    };
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (/** @type {string} */ text) => output.push(text));
    }
    child.on("error", (error) => {
      output.push(String(error));
      finish(1);
    });
    child.on("close", (code) => finish(code ?? 1));
  });

/** True when `npm ci` gave up on the lockfile itself rather than on the network or the disk. @param {string} output */
export const lockfileRefused = (output) =>
  /EUSAGE|EBADPLATFORM|Missing: .* from lock file|can only install packages when/u.test(output);

/** @type {readonly (readonly [RegExp, string])[]} */
const causes = [
  [/spawn npm(\.cmd)? ENOENT|npm: (command )?not found/u, "npm was not found. It comes with Node: https://nodejs.org."],
  [
    /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|ERR_SOCKET_TIMEOUT|ENOTCACHED/u,
    "The npm registry cannot be reached. The first start needs it once; check the network or your proxy settings.",
  ],
  [/ENOSPC/u, "The disk is full: about 450 MB are needed."],
  [/EACCES|EROFS/u, "This folder cannot be written to."],
  [/EPERM|EBUSY/u, "A file is in use: stop every running Cairn, then try again."],
];

/** The likely cause in one line, under what npm said. @param {string} output */
export const explainFailure = (output) => {
  const cause = causes.find(([pattern]) => pattern.test(output))?.[1] ?? "See above for what npm said.";
  return `${output.trim()}\n\nInstalling what Cairn needs did not work. ${cause}`;
};
