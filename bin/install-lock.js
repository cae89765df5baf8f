/**
 * One installer at a time. The lock is a folder, because making one is atomic everywhere. Its owner touches it while
 * at work; a lock whose owner is dead, or has not touched it for a minute, is taken over.
 */
import { mkdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { dirname, join } from "node:path";
import { randomUUID } from "node:crypto";

const beatMillis = 2_000;
const staleMillis = 60_000;
const pollMillis = 200;

/** @param {string} folder @returns {{ pid: number, host: string, token: string } | undefined} */
const ownerOf = (folder) => {
  try {
    return JSON.parse(readFileSync(join(folder, "owner.json"), "utf8"));
  } catch {
    return undefined;
  }
};

/** @param {number} pid */
const isAlive = (pid) => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === "EPERM";
  }
};

/** @param {string} folder */
const isStale = (folder) => {
  const owner = ownerOf(folder);
  if (owner !== undefined && owner.host === hostname() && !isAlive(owner.pid)) return true;
  const touched = statSync(folder, { throwIfNoEntry: false })?.mtimeMs;
  return touched !== undefined && Date.now() - touched > staleMillis;
};

/** Moves a stale lock aside. Two may try; the move that finds another owner than was judged puts it back. */
const breakLock = (/** @type {string} */ folder) => {
  const judged = ownerOf(folder)?.token;
  const aside = `${folder}.${randomUUID()}`;
  try {
    renameSync(folder, aside);
    if (ownerOf(aside)?.token !== judged) renameSync(aside, folder);
    else rmSync(aside, { recursive: true, force: true });
  } catch {
    // Its owner, or another waiter, was faster.
  }
};

/** @param {string} folder @returns {boolean} */
const take = (folder) => {
  try {
    mkdirSync(folder);
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === "EEXIST") return false;
    throw error;
  }
  const owner = { pid: process.pid, host: hostname(), token: randomUUID() };
  writeFileSync(join(folder, "owner.json"), JSON.stringify(owner));
  return true;
};

/**
 * Runs `work` while holding the lock, waiting for it as long as another holds it.
 * @template T
 * @param {string} folder @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export const withLock = async (folder, work) => {
  mkdirSync(dirname(folder), { recursive: true });
  while (!take(folder)) {
    if (isStale(folder)) breakLock(folder);
    else await new Promise((resolve) => setTimeout(resolve, pollMillis));
  }
  const beat = setInterval(() => {
    const now = new Date();
    try {
      utimesSync(folder, now, now);
    } catch {}
  }, beatMillis);
  try {
    return await work();
  } finally {
    clearInterval(beat);
    rmSync(folder, { recursive: true, force: true });
  }
};
