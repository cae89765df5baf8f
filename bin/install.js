/**
 * Makes node_modules match package-lock.json, once. A stamp in node_modules says for which lockfile and platform it
 * was made, so that a start that has nothing to do reads two small files and goes on.
 */
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { withLock } from "./install-lock.js";
import { matchesLockfile } from "./lockfile.js";
import { explainFailure, lockfileRefused, runNpm } from "./npm.js";
import { showProgress } from "./progress.js";

/** @typedef {{ ok: true, installed: boolean } | { ok: false, message: string, exitCode: number }} Installed */

/** @param {string} root */
const stampFile = (root) => join(root, "node_modules", ".cairn-lock-hash");

/** @param {string} root */
const wantedStamp = (root) =>
  createHash("sha256")
    .update(readFileSync(join(root, "package-lock.json")))
    .update(`${process.platform}-${process.arch}`)
    .digest("hex");

/** @param {string} file */
const readOrEmpty = (file) => {
  try {
    return readFileSync(file, "utf8").trim();
  } catch {
    return "";
  }
};

/** A read-only copy works without a stamp: the lockfiles are compared at each start instead. @param {string} root */
const writeStamp = (root) => {
  try {
    mkdirSync(join(root, "node_modules"), { recursive: true });
    writeFileSync(stampFile(root), `${wantedStamp(root)}\n`);
  } catch {}
};

/**
 * True when nothing has to be installed. What a person installed by hand with npm counts as well.
 * @param {string} root
 * @param {boolean} development whether devDependencies must be there
 */
export const isInstalled = (root, development) => {
  if (readOrEmpty(stampFile(root)) === wantedStamp(root)) return true;
  if (matchesLockfile(root, true)) {
    writeStamp(root);
    return true;
  }
  return !development && matchesLockfile(root, false);
};

/**
 * Packages that ask for a newer Node are fine, because they will run on the Node that is being installed. Shorter
 * pauses between attempts than npm's own tell someone without a network so before they give up.
 */
const flags = [
  "--ignore-scripts",
  "--engine-strict=false",
  "--fetch-retry-mintimeout=1000",
  "--fetch-retry-maxtimeout=5000",
  "--no-audit",
  "--no-fund",
  "--loglevel=error",
];

/**
 * npm puts node_modules/.bin first on the PATH, so that a second `npm start` already runs on the Node in there. Windows
 * cannot remove a program that runs, as `npm ci` would; `npm install` replaces only what has changed.
 * @param {string} root
 */
const keepsRunningNode = (root) =>
  process.platform === "win32" && process.execPath.startsWith(join(root, "node_modules"));

/** @param {string} root @param {NodeJS.ProcessEnv} env */
const install = async (root, env) => {
  const forgiving = ["install", "--no-save", ...flags];
  if (keepsRunningNode(root)) return runNpm(forgiving, root, env);
  const strict = await runNpm(["ci", ...flags], root, env);
  if (strict.status === 0 || !lockfileRefused(strict.output)) return strict;
  // Some tools publish a release before every platform's binary is there; `npm ci` then refuses the whole lockfile.
  return runNpm(forgiving, root, env);
};

/**
 * @param {{ root: string, development?: boolean, env?: NodeJS.ProcessEnv,
 *   stream?: { isTTY?: boolean, write(text: string): unknown } }} options
 * @returns {Promise<Installed>}
 */
export const ensureInstalled = async ({ root, development = true, env = process.env, stream = process.stderr }) => {
  if (isInstalled(root, development)) return { ok: true, installed: false };
  const progress = showProgress("Installing what Cairn needs (only once)", stream);
  try {
    return await withLock(join(root, ".cache", "install.lock"), async () => {
      // Another launcher may have finished the work while this one waited for the lock.
      if (isInstalled(root, development)) return { ok: true, installed: false };
      const { status, output } = await install(root, env);
      if (status !== 0) return { ok: false, message: explainFailure(output), exitCode: 1 };
      writeStamp(root);
      return { ok: true, installed: true };
    });
  } catch (error) {
    return { ok: false, message: explainFailure(String(error)), exitCode: 1 };
  } finally {
    progress.done();
  }
};
