#!/usr/bin/env node
/**
 * What `npm start`, `npm test` and their kin call. Plain JavaScript for Node 18 and later, because nothing is
 * installed yet when it starts: it installs what is missing, finds Node 24 and hands over. Everything it prints goes
 * to stderr, so that a command's own output (the MCP protocol, `--json`) stays clean.
 */
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { commands, usage } from "./commands.js";
import { findNode, nodeMissing } from "./find-node.js";
import { ensureInstalled } from "./install.js";
import { endWithNpm } from "./npm-watch.js";
import { prepareRuntime, runHere } from "./run.js";
import { runThere } from "./run-there.js";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const [name = "", ...rest] = process.argv.slice(2);

/** @param {string} message @param {number} code */
const stop = (message, code) => {
  process.stderr.write(`${message}\n`);
  process.exit(code);
};

const main = async () => {
  const command = commands.get(name);
  if (command === undefined) return stop(usage(name), name === "" ? 0 : 2);

  const entry = join(root, command.entry);
  if (!existsSync(entry)) return stop(`\`${name}\` needs ${command.entry}, which this copy of Cairn does not have.`, 1);

  endWithNpm();
  const installed = await ensureInstalled({ root, development: command.development });
  if (!installed.ok) return stop(installed.message, installed.exitCode);

  const node = findNode({ root });
  if (node === undefined) return stop(nodeMissing(), 1);

  const args = [...command.args, ...rest];
  prepareRuntime(join(root, "node_modules", ".cache", "compile"));
  if (node === process.execPath) return runHere(entry, args);
  return runThere({ node, runner: join(root, "bin", "run.js"), entry, args });
};

await main();
