import { readFileSync } from "node:fs";
import { join } from "node:path";

/**
 * @typedef {{ version?: string, integrity?: string, link?: boolean, dev?: boolean, optional?: boolean,
 *   devOptional?: boolean, os?: string | string[], cpu?: string | string[], libc?: unknown }} Locked
 */

/** @param {string} file @returns {Record<string, Locked>} */
const packagesOf = (file) => JSON.parse(readFileSync(file, "utf8")).packages ?? {};

/**
 * Optional packages are for some platforms only. Of these, what names this very platform must be there; the rest npm
 * may leave out. Where the C library decides too, npm knows better than we do.
 * @param {Locked} locked @param {boolean} development
 */
const isNeeded = (locked, development) => {
  if (locked.dev === true && !development) return false;
  if (locked.optional !== true && locked.devOptional !== true) return true;
  if (locked.os === undefined || locked.cpu === undefined || locked.libc !== undefined) return false;
  return [locked.os].flat().includes(process.platform) && [locked.cpu].flat().includes(process.arch);
};

/**
 * Compares package-lock.json with the record that npm keeps of what it installed.
 * @param {string} root @param {boolean} development whether devDependencies must be there
 */
export const matchesLockfile = (root, development) => {
  try {
    const wanted = packagesOf(join(root, "package-lock.json"));
    const present = packagesOf(join(root, "node_modules", ".package-lock.json"));
    return Object.entries(wanted).every(([path, locked]) => {
      if (!path.includes("node_modules/") || !isNeeded(locked, development)) return true;
      const found = present[path];
      return found?.version === locked.version && found?.integrity === locked.integrity && found !== undefined;
    });
  } catch {
    return false;
  }
};
