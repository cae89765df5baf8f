/**
 * The half of the launcher that runs inside Node 24: the same code whether the launcher found itself there or had to
 * start it. Started as a program, it takes the entry file and its arguments.
 */
import module from "node:module";
import { Socket } from "node:net";
import { pathToFileURL } from "node:url";

/** File descriptor of a pipe that the launcher never writes to: it ends when the launcher dies. */
export const lifelineFd = 3;
export const lifelineVariable = "CAIRN_LIFELINE";

/**
 * Turns the compile cache on, here and for every process started from here. A default import of `node:module`
 * because a named one that Node 18 lacks would fail before any message.
 * @param {string} folder
 */
export const prepareRuntime = (folder) => {
  process.env.NODE_COMPILE_CACHE ??= folder;
  module.enableCompileCache?.(process.env.NODE_COMPILE_CACHE);
};

/** Node's notes on its own experiments are not for Cairn's users; every other warning still shows. */
const quietExperiments = () => {
  const shown = process.listeners("warning");
  process.removeAllListeners("warning");
  process.on("warning", (warning) => {
    if (warning.name === "ExperimentalWarning") return;
    for (const show of shown) show.call(process, warning);
  });
};

/** Whoever kills the launcher, even with SIGKILL, means this process: nothing may linger and hold the port. */
const dieWithLauncher = () => {
  if (process.env[lifelineVariable] === undefined) return;
  delete process.env[lifelineVariable];
  const lifeline = new Socket({ fd: lifelineFd, readable: true, writable: false });
  const die = () => process.kill(process.pid, "SIGKILL");
  lifeline.on("close", die).on("error", die).resume().unref();
};

/**
 * Runs a program in this process, as if it had been started directly.
 * @param {string} entry absolute path
 * @param {readonly string[]} args
 */
export const runHere = async (entry, args) => {
  quietExperiments();
  process.argv = [process.execPath, entry, ...args];
  await import(pathToFileURL(entry).href);
};

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const [entry = "", ...args] = process.argv.slice(2);
  dieWithLauncher();
  await runHere(entry, args);
}
