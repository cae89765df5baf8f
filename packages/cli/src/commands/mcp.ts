import { toCairnError } from "@cairn/kernel/error";
import { localIdentity } from "@cairn/memory/permission/identity";
import type { Command } from "../command.ts";
import { exitCodes } from "../exit-codes.ts";
import { settingsFlags } from "../local/with-local.ts";
import { dataOptions } from "../options/data-options.ts";
import { escapeLine } from "../output/escape-text.ts";

export const mcp: Command = {
  name: "mcp",
  summary: "Serve an agent over stdio (Model Context Protocol)",
  usage: ["[options]"],
  arguments: { least: 0, most: 0 },
  options: dataOptions,
  notes: ["Agents start this themselves; cairn init tells them how. Several may run at once, beside cairn serve."],
  ownsSignals: true,
  run: async (host, given) => {
    const { runStdioServer } = await import("@cairn/server/mcp/stdio");
    let instance = "";
    let close = async (): Promise<void> => {};
    const server = runStdioServer({
      // An agent waits for the answer to `initialize`, which needs neither settings nor memories.
      pipeline: async () => {
        const [{ readSettings }, { openServices }, { makePipeline }] = await Promise.all([
          import("@cairn/server/settings"),
          import("@cairn/server/services"),
          import("@cairn/operations/pipeline"),
        ]);
        const settings = await readSettings(settingsFlags(host, given), host);
        for (const warning of settings.warnings) await host.err.write(`${escapeLine(warning)}\n`);
        const services = await openServices(settings);
        const warn = (line: string): void => void host.err.write(`${escapeLine(line)}\n`);
        const failed = (error: unknown): void => warn(toCairnError(error).message);
        services.startVectors({ warn, failed });
        if (await services.access.signsIn()) services.access.ledger.start();
        ({ instance } = settings);
        // Only who has a model for it pays for loading it.
        const extraction =
          settings.extraction === null
            ? null
            : (await import("@cairn/server/extraction/start")).startExtraction(services, settings, {
                lease: services.storage.lease,
                leads: services.storage.leads,
                noteOf: services.access.noteOfJob,
                failed,
                warn,
              });
        close = async () => {
          await extraction?.stop();
          await services.close();
        };
        return makePipeline(
          services,
          services.access.pipeline((record) => extraction?.observe(record)),
        );
      },
      caller: {
        identity: localIdentity("shell"),
        address: null,
        defaultSpace: "default",
        // Read at each call, when the pipeline above is open.
        get instance() {
          return instance;
        },
      },
    });
    const stop = (): void => void server.close();
    process.on("SIGINT", stop).on("SIGTERM", stop);
    await server.closed;
    await close();
    return exitCodes.ok;
  },
};
