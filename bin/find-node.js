import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/** The first Node whose type stripping, compile cache and driver this project is tested with. */
export const neededMajor = 24;

/** npm calls Windows `win` where Node calls it `win32`. @param {string} platform */
const packagePlatform = (platform) => (platform === "win32" ? "win" : platform);

/**
 * The Node to run on: this one when it is new enough, else the one that npm brought, else undefined.
 * @param {{ root: string, version?: string, platform?: string, arch?: string, current?: string }} options
 * @returns {string | undefined} path of the executable
 */
export const findNode = ({
  root,
  version = process.versions.node,
  platform = process.platform,
  arch = process.arch,
  current = process.execPath,
}) => {
  if (Number.parseInt(version, 10) >= neededMajor) return current;
  try {
    // Looked up as a dependency, because an installed Cairn finds it beside itself rather than below.
    const { resolve } = createRequire(join(root, "package.json"));
    const folder = dirname(resolve(`node-${packagePlatform(platform)}-${arch}/package.json`));
    const bundled = join(folder, "bin", platform === "win32" ? "node.exe" : "node");
    return existsSync(bundled) ? bundled : undefined;
  } catch {
    return undefined;
  }
};

/** @param {{ version?: string, platform?: string, arch?: string }} [options] */
export const nodeMissing = ({
  version = process.versions.node,
  platform = process.platform,
  arch = process.arch,
} = {}) => {
  const how =
    platform === "darwin"
      ? "Install it with `brew install node@24`, or from https://nodejs.org."
      : "Install it from https://nodejs.org, or with your system's packages.";
  return [
    `Cairn needs Node ${neededMajor} or later; this is Node ${version} on ${platform} ${arch},`,
    `for which npm has no Node ${neededMajor} to bring along. ${how}`,
  ].join("\n");
};
