import { resolve } from "node:path";
import { type Command, flagOf, jsonOption, textOf, textsOf } from "../command.ts";
import { exitCodes } from "../exit-codes.ts";
import { withLocal } from "../local/with-local.ts";
import { dataOptions, inSpace, spaceOption } from "../options/data-options.ts";
import { escapeLine } from "../output/escape-text.ts";
import { printJson } from "../output/json-document.ts";
import { makeProgress, silentProgress } from "../output/progress-bar.ts";
import type { ExportFormat } from "../transfer/export-formats.ts";
import { writeAtomically } from "../transfer/atomic-file.ts";

const formats: readonly ExportFormat[] = ["cairn", "tribal", "markdown", "jsonl"];

export const exportCommand: Command = {
  name: "export",
  summary: "Write memories to a file that can be read elsewhere",
  usage: ["[file] [options]     (standard output when there is no file)"],
  arguments: { least: 0, most: 1, completes: "file" },
  options: [
    {
      name: "format",
      value: "FORMAT",
      choices: formats,
      describe: "Cairn's own (cairn), TribalMemory's bundle, Markdown or JSONL.",
    },
    { name: "tag", short: "t", value: "TAG", repeat: true, describe: "Only memories with one of these tags." },
    { name: "from", value: "TIME", describe: "Only what was stored then or later, such as 2024-06." },
    { name: "to", value: "TIME", describe: "Only what was stored then or earlier." },
    spaceOption,
    jsonOption,
    ...dataOptions,
  ],
  notes: [
    "Cairn's own format holds every field, the vectors and the conversations, and tells when it was cut off or altered.",
    "cairn export backup.jsonl && cairn import backup.jsonl --data /another/folder",
  ],
  run: (host, given) =>
    withLocal(host, given, async (local) => {
      const { writeExport } = await import("../transfer/export-formats.ts");
      const format = (textOf(given, "format") ?? "cairn") as ExportFormat;
      const [file] = given.arguments;
      const toFile = file !== undefined && file !== "-";
      const filters = {
        ...inSpace(given),
        ...Object.fromEntries(
          Object.entries({
            tags: textsOf(given, "tag"),
            dateFrom: textOf(given, "from"),
            dateTo: textOf(given, "to"),
          }).filter(([, value]) => value !== undefined),
        ),
      };
      const progress = toFile && host.err.isTTY ? makeProgress(host) : silentProgress;
      const work = async (write: (text: string) => Promise<void>): Promise<number> =>
        writeExport(format, {
          local,
          filters,
          signal: host.signal,
          write,
          progress: (count, total) => progress.update(count, total, `${count} memories`),
        });
      let count = 0;
      if (!toFile) {
        await work((text) => host.out.write(text));
        return exitCodes.ok;
      }
      await writeAtomically(resolve(host.cwd, file), async (write) => {
        count = await work(write);
      });
      await progress.finish();
      if (flagOf(given, "json"))
        await printJson(host, { success: true, memoryCount: count, file: resolve(host.cwd, file), format });
      else await host.out.write(`${count} memories written to ${escapeLine(file)}\n`);
      return exitCodes.ok;
    }),
};
