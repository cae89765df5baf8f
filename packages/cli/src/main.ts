/** The `cairn` command. Everything beyond reading the command's name is loaded when it is needed: starting is quick. */
import { makeProcessHost } from "./host.ts";
import { runCli } from "./run-cli.ts";

const host = makeProcessHost();
// Not `exit()`: what is still on its way to a pipe would be lost.
process.exitCode = await runCli(process.argv.slice(2), host, host.watchSignals);
