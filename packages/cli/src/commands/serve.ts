import { type Command, numberOf, textOf } from "../command.ts";
import { exitCodes } from "../exit-codes.ts";
import { settingsFlags } from "../local/with-local.ts";
import { dataOptions } from "../options/data-options.ts";
import { escapeLine } from "../output/escape-text.ts";

export const serve: Command = {
  name: "serve",
  summary: "Run the memory server",
  usage: ["[options]"],
  arguments: { least: 0, most: 0 },
  options: [
    {
      name: "host",
      value: "ADDRESS",
      describe: "Address to listen on; others than loopback take sign-in (CAIRN_HOST, 127.0.0.1).",
    },
    {
      name: "port",
      short: "p",
      value: "PORT",
      type: "number",
      describe: "Port to listen on; 0 takes a free one (CAIRN_PORT, 18790).",
    },
    ...dataOptions,
  ],
  notes: [
    "Until `cairn admin init` has made an administrator it serves this machine alone, and asks nobody for a key.",
    "--config also takes TribalMemory's config.yaml.",
    "It ends on Ctrl-C, SIGTERM, or POST /v1/shutdown.",
  ],
  ownsSignals: true,
  run: async (host, given) => {
    const { serve: start } = await import("@cairn/server/serve");
    const address = textOf(given, "host");
    const port = numberOf(given, "port");
    const serving = await start({
      flags: {
        ...settingsFlags(host, given),
        ...(address === undefined ? {} : { host: address }),
        ...(port === undefined ? {} : { port }),
      },
      out: (line) => void host.out.write(`${line}\n`),
      warn: (line) => void host.err.write(`${escapeLine(line)}\n`),
    });
    await serving.ended;
    return exitCodes.ok;
  },
};
