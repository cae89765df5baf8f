import { type Command, flagOf, jsonOption } from "../command.ts";
import { exitCodes } from "../exit-codes.ts";
import type { Finding } from "../doctor/finding.ts";
import { settingsFlags } from "../local/with-local.ts";
import { dataOptions } from "../options/data-options.ts";
import { escapeLine } from "../output/escape-text.ts";
import { printJson } from "../output/json-document.ts";
import { makeProgress, silentProgress } from "../output/progress-bar.ts";
import { type Style, styleFor } from "../output/style.ts";

const lineOf = ({ check, level, message, fix }: Finding, style: Style): string => {
  const mark = { ok: style.good("ok  "), note: style.dim("note"), problem: style.bad("BAD ") }[level];
  const mend =
    fix === null ? "" : `\n        ${level === "problem" ? "mend it: " : ""}${style.accent(escapeLine(fix))}`;
  return `${mark}  ${style.bold(escapeLine(check))}: ${escapeLine(message)}${mend}\n`;
};

export const doctor: Command = {
  name: "doctor",
  summary: "Say what is wrong and how to mend it",
  usage: ["[--repair] [--all] [options]"],
  arguments: { least: 0, most: 0 },
  options: [
    { name: "repair", describe: "Mend what can be mended: indexes, missing vectors." },
    { name: "all", describe: "With a database: look at every space, not only at some of many." },
    jsonOption,
    ...dataOptions,
  ],
  notes: ["The exit status is 0 when all is well and 1 when something is to be mended."],
  run: async (host, given) => {
    const json = flagOf(given, "json");
    const repair = flagOf(given, "repair");
    const { checkMachine } = await import("../doctor/check-machine.ts");
    const machine = await checkMachine();
    const works = machine.every(({ level }) => level !== "problem");
    const progress = json ? silentProgress : makeProgress(host);
    const rest = works
      ? await (
          await import("../doctor/examine.ts")
        ).examine(host, {
          flags: settingsFlags(host, given),
          repair,
          all: flagOf(given, "all"),
          progress: (_space, filled) => progress.update(filled, null, `${filled} vectors made`),
        })
      : [];
    await progress.finish();
    const findings = [...machine, ...rest];
    const problems = findings.filter(({ level }) => level === "problem");
    if (json) await printJson(host, { healthy: problems.length === 0, findings });
    else {
      const style = styleFor(host, host.out);
      const verdict = problems.length === 0 ? style.good("All is well.") : style.bad(`${problems.length} to mend.`);
      await host.out.write(`${findings.map((finding) => lineOf(finding, style)).join("")}\n${verdict}\n`);
    }
    return problems.length === 0 ? exitCodes.ok : exitCodes.failure;
  },
};
