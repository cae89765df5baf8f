import { type Command, flagOf, jsonOption, textOf } from "../command.ts";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import type { Host } from "../host.ts";
import { withLocal } from "../local/with-local.ts";
import { dataOptions, inSpace, spaceOption } from "../options/data-options.ts";
import { escapeLine } from "../output/escape-text.ts";
import { printJson } from "../output/json-document.ts";
import { makeProgress, silentProgress } from "../output/progress-bar.ts";
import { styleFor } from "../output/style.ts";
import type { ImportTotals } from "../transfer/import-files.ts";
import { sourcesOf } from "../transfer/sources.ts";

const formats = { cairn: "cairn-export", tribal: "tribal-bundle", markdown: "markdown", jsonl: "jsonl" } as const;
type Format = keyof typeof formats;
const formatNames = Object.fromEntries(Object.entries(formats).map(([name, format]) => [format, name]));

const exitOf = (totals: ImportTotals, interrupted: boolean): ExitCode => {
  if (interrupted) return exitCodes.interrupted;
  if (totals.failedFiles > 0 && totals.total === 0) return exitCodes.invalidInput;
  return totals.errors > 0 || totals.failedFiles > 0 ? exitCodes.failure : exitCodes.ok;
};

const summary = (totals: ImportTotals, dryRun: boolean): string => {
  const parts = [
    `${totals.imported} ${dryRun ? "would be imported" : "imported"}`,
    ...(totals.overwritten > 0 ? [`${totals.overwritten} overwritten`] : []),
    ...(totals.skipped > 0 ? [`${totals.skipped} there already`] : []),
    ...(totals.messages > 0 ? [`${totals.messages} messages of conversations`] : []),
    ...(totals.errors > 0 ? [`${totals.errors} not taken over`] : []),
  ];
  return parts.join(", ");
};

const showTotals = async (host: Host, totals: ImportTotals, dryRun: boolean, interrupted: boolean): Promise<void> => {
  const style = styleFor(host, host.err);
  for (const detail of totals.details) await host.err.write(`${style.bad(escapeLine(detail))}\n`);
  const unlisted = totals.errors + totals.failedFiles - totals.details.length;
  if (unlisted > 0) await host.err.write(`… and ${unlisted} more\n`);
  await host.out.write(`${summary(totals, dryRun)}\n`);
  if (interrupted) await host.err.write("Interrupted. Run the same import again to go on; nothing comes in twice.\n");
};

export const importCommand: Command = {
  name: "import",
  summary: "Bring memories in from files",
  usage: ["<file or folder…> [options]", "- [options]     (standard input)"],
  arguments: { least: 1, most: Number.MAX_SAFE_INTEGER, completes: "file" },
  options: [
    {
      name: "format",
      value: "FORMAT",
      choices: Object.keys(formats),
      describe: "What the files are; found out when absent.",
    },
    {
      name: "conflict",
      value: "WHAT",
      choices: ["skip", "overwrite", "merge"],
      describe: "For ids that exist: leave them (skip), replace them, or keep the newer (merge).",
    },
    { name: "dry-run", describe: "Tell what would happen and change nothing." },
    spaceOption,
    jsonOption,
    ...dataOptions,
  ],
  notes: [
    "Reads exports of Cairn and of TribalMemory, Markdown such as a MEMORY.md, folders of Markdown, and JSONL.",
    "An import that was interrupted can be run again: nothing comes in twice.",
  ],
  run: async (host, given) => {
    const sources = await sourcesOf(host, given.arguments);
    const dryRun = flagOf(given, "dry-run");
    const json = flagOf(given, "json");
    const format = textOf(given, "format");
    return withLocal(host, given, async (local) => {
      const { importSources } = await import("../transfer/import-files.ts");
      const started = performance.now();
      const sizes = sources.map(({ bytes }) => bytes);
      const all = sizes.reduce<number | null>((sum, bytes) => (sum === null || bytes === null ? null : sum + bytes), 0);
      const progress = json && !host.err.isTTY ? silentProgress : makeProgress(host);
      const totals = await importSources(
        local,
        sources,
        {
          format: format === undefined ? null : formats[format as Format],
          conflict: (textOf(given, "conflict") ?? "skip") as "skip" | "overwrite" | "merge",
          dryRun,
          ...inSpace(given),
        },
        {
          format: async (source, found) => {
            if (!json && sources.length === 1)
              await host.err.write(`${escapeLine(source.name)}: ${formatNames[found]}\n`);
          },
          progress: (bytes, so) => progress.update(bytes, all, summary(so, dryRun)),
        },
        host.signal,
      );
      await progress.finish();
      const interrupted = host.signal.aborted;
      if (json) {
        const { details, failedFiles, ...counts } = totals;
        const durationMs = performance.now() - started;
        const success = !interrupted && failedFiles === 0;
        await printJson(host, {
          success,
          ...counts,
          files: sources.length,
          failedFiles,
          dryRun,
          durationMs,
          errorDetails: details,
        });
      } else await showTotals(host, totals, dryRun, interrupted);
      return exitOf(totals, interrupted);
    });
  },
};
