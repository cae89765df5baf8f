/** One run of `cairn`, from the words that were typed to the exit status. */
import { commandTable } from "./command-table.ts";
import { parseCommandLine } from "./command-line.ts";
import { type ExitCode, exitCodeOf, exitCodes } from "./exit-codes.ts";
import type { Host } from "./host.ts";
import { nearest } from "./nearest.ts";
import { printError, printUsageProblem } from "./output/print-error.ts";

/** `watchSignals` is called for commands that leave signals to us. Never throws. */
export const runCli = async (words: readonly string[], host: Host, watchSignals: () => void): Promise<ExitCode> => {
  const [name = "", ...rest] = words;
  const json = words.includes("--json");
  if (name === "--version" || name === "-v" || name === "-V") {
    const { version } = await import("@cairn/server/version");
    await host.out.write(`${version}\n`);
    return exitCodes.ok;
  }
  try {
    if (name === "--help" || name === "-h")
      return await (await import("./commands/help.ts")).showHelp(host.out, commandTable, null);
    if (name === "") {
      await (await import("./commands/help.ts")).showHelp(host.err, commandTable, null);
      return exitCodes.usage;
    }
    if (name.startsWith("-")) {
      return await printUsageProblem(host, {
        json,
        message: `Options come after the command: cairn <command> ${name}.`,
      });
    }
    const outer = await commandTable.load(name);
    if (outer === null) {
      const near = nearest(name, commandTable.names);
      const meant = near === null ? "" : ` Did you mean ${near}?`;
      return await printUsageProblem(host, { json, message: `There is no command ${JSON.stringify(name)}.${meant}` });
    }
    const inner = (await outer.nested?.load(rest[0] ?? "")) ?? null;
    const command = inner ?? outer;
    const line = parseCommandLine(command, inner === null ? rest : rest.slice(1));
    if (line.kind === "help")
      return await (await import("./commands/help.ts")).showHelp(host.out, commandTable, command);
    if (line.kind === "problem") return await printUsageProblem(host, { json, message: line.message, command });
    if (command.ownsSignals !== true) watchSignals();
    return await command.run(host, line.given);
  } catch (error) {
    if (host.signal.aborted) return exitCodes.interrupted;
    await printError(host, error, json);
    return exitCodeOf(error);
  }
};
