/** What a client has to run to start this very Cairn: the package by its name, or a clone by its place. */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { cloneLaunch, packageLaunch } from "../init/client-files.ts";
import type { Launch } from "../init/file-edit.ts";

export const ownLaunch = (
  platform: NodeJS.Platform,
  moduleUrl: string = import.meta.url,
  nodePath: string = process.execPath,
): Launch => {
  const path = fileURLToPath(moduleUrl);
  const isClone = path.endsWith(".ts") && !/[\\/]node_modules[\\/]/u.test(path);
  if (!isClone) return packageLaunch(platform);
  const root = join(path, "..", "..", "..", "..", "..");
  return cloneLaunch(nodePath, join(root, "bin", "cairn.js"));
};
