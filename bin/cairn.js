#!/usr/bin/env node
/**
 * The `cairn` command of an installed package. Plain JavaScript for Node 18 and later: the version is checked before
 * anything else is loaded, because the SQLite driver crashes older ones.
 */
import { existsSync } from "node:fs";
import { dirname, join, sep } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { cacheFolder } from "./cache-folder.js";
import { findNode, nodeMissing } from "./find-node.js";
import { prepareRuntime, runHere } from "./run.js";
import { runThere } from "./run-there.js";

const bin = dirname(fileURLToPath(import.meta.url));
const root = dirname(bin);
const args = process.argv.slice(2);

const main = async () => {
  const node = findNode({ root });
  if (node === undefined) {
    process.stderr.write(`${nodeMissing()}\n`);
    process.exitCode = 1;
    return;
  }
  prepareRuntime(join(cacheFolder(), "compile"));

  const bundle = join(root, "main.js");
  const fromSource = !existsSync(bundle);
  const entry = fromSource ? join(root, "packages", "cli", "src", "main.ts") : bundle;
  const needsHooks = fromSource && root.split(sep).includes("node_modules");
  if (node === process.execPath && !needsHooks) return runHere(entry, args);
  const nodeArgs = needsHooks ? [`--import=${pathToFileURL(join(bin, "source-hooks.js")).href}`] : [];
  return runThere({ node, nodeArgs, runner: join(bin, "run.js"), entry, args });
};

await main();
