import { spawn } from "node:child_process";
import { lifelineFd, lifelineVariable } from "./run.js";

/** @type {readonly NodeJS.Signals[]} */
const forwarded = ["SIGINT", "SIGTERM", "SIGHUP"];

/** A terminal sends Ctrl-C to the whole process group, so the child has it already; a second one would mean "now". */
const terminalSendsInterrupt = () => [process.stdin, process.stdout, process.stderr].some((stream) => stream.isTTY);

/**
 * Runs a program under another Node with this process's own streams, and ends as it ends: same status, same signal.
 * @param {{ node: string, nodeArgs?: readonly string[], runner: string, entry: string, args: readonly string[] }} options
 * @returns {Promise<void>}
 */
export const runThere = ({ node, nodeArgs = [], runner, entry, args }) =>
  new Promise((resolve) => {
    const child = spawn(node, ["--disable-warning=ExperimentalWarning", ...nodeArgs, runner, entry, ...args], {
      stdio: ["inherit", "inherit", "inherit", "pipe"],
      // Few malloc arenas: glibc's default of many keeps tens of megabytes that nobody uses.
      env: { MALLOC_ARENA_MAX: "2", ...process.env, [lifelineVariable]: String(lifelineFd) },
    });
    const handlers = forwarded.map((signal) => {
      const forward = () => {
        if (signal !== "SIGINT" || !terminalSendsInterrupt()) child.kill(signal);
      };
      process.on(signal, forward);
      return /** @type {const} */ ([signal, forward]);
    });
    const leave = () => {
      for (const [signal, forward] of handlers) process.off(signal, forward);
      resolve();
    };

    child.on("error", (error) => {
      process.stderr.write(
        `The Node that npm brought does not run here (${error.message}). Install Node 24 or later.\n`,
      );
      process.exitCode = 1;
      leave();
    });
    child.on("exit", (code, signal) => {
      leave();
      if (signal === null) process.exitCode = code ?? 1;
      else process.kill(process.pid, signal);
    });
  });
