/** Help, generated from the same table that parses the command line. */
import { type Command, type CommandTable, helpOption, type Option } from "../command.ts";
import { type ExitCode, exitCodes, exitCodeTexts } from "../exit-codes.ts";
import type { Sink } from "../host.ts";
import { nearest } from "../nearest.ts";
import { printUsageProblem } from "../output/print-error.ts";
import { wrapText } from "../output/wrap-text.ts";

const optionHead = ({ name, short, value }: Option): string =>
  `${short === undefined ? "    " : `-${short}, `}--${name}${value === undefined ? "" : ` ${value}`}`;

const describeOption = (option: Option): string => {
  const choices = option.choices === undefined ? "" : ` One of ${option.choices.join(", ")}.`;
  return `${option.describe}${choices}`;
};

const columns = (rows: readonly (readonly [string, string])[], width: number): string => {
  const first = Math.min(30, Math.max(...rows.map(([head]) => head.length)) + 2);
  return rows
    .map(([head, text]) => {
      const lines = wrapText(text, Math.max(20, width - first - 2));
      const rest = lines.slice(1).map((line) => `\n  ${" ".repeat(first)}${line}`);
      const gap = head.length + 2 > first ? `\n  ${" ".repeat(first)}` : " ".repeat(first - head.length);
      return `  ${head}${gap}${lines[0] ?? ""}${rest.join("")}\n`;
    })
    .join("");
};

const commandHelp = async (command: Command, width: number): Promise<string> => {
  const behind = (await command.nested?.loadAll()) ?? [];
  const nested = behind.map(({ name, summary }): readonly [string, string] => [name.split(" ").at(-1) ?? "", summary]);
  const usage = command.usage.map((form, index) =>
    `${index === 0 ? "Usage: " : "       "}cairn ${command.name} ${form}`.trimEnd(),
  );
  const options = [...command.options, helpOption].map((option): readonly [string, string] => [
    optionHead(option),
    describeOption(option),
  ]);
  const notes = (command.notes ?? []).flatMap((note) =>
    note.startsWith("cairn ") || note.includes(" | ") ? [`  ${note}`] : wrapText(note, width),
  );
  return [
    `${command.summary}.\n\n${usage.join("\n")}\n\n`,
    ...(nested.length === 0 ? [] : [`${columns(nested, width)}\n`]),
    `Options:\n${columns(options, width)}`,
    ...(notes.length === 0 ? [] : [`\n${notes.join("\n")}\n`]),
  ].join("");
};

const overview = async (table: CommandTable, width: number): Promise<string> => {
  const all = await table.loadAll();
  const rows = all.map(({ name, summary }): readonly [string, string] => [name, summary]);
  return [
    "Cairn: one memory for every agent.\n\nUsage: cairn <command> [options]\n\n",
    columns(rows, width),
    "\ncairn help <command> tells more, cairn help exit-codes what the exit status means.\n",
    "With --json a command prints one JSON document, and errors as problem JSON on stderr.\n",
  ].join("");
};

const exitCodesHelp = (width: number): string => {
  const names = Object.keys(exitCodes) as (keyof typeof exitCodes)[];
  return `Exit status:\n${columns(
    names.map((name) => [String(exitCodes[name]), exitCodeTexts[name]] as const),
    width,
  )}`;
};

/** The help of one command, or the list of all. */
export const showHelp = async (sink: Sink, table: CommandTable, command: Command | null): Promise<ExitCode> => {
  const width = Math.min(100, Math.max(40, sink.columns()));
  await sink.write(command === null ? await overview(table, width) : await commandHelp(command, width));
  return exitCodes.ok;
};

export const makeHelp = (table: CommandTable): Command => ({
  name: "help",
  summary: "Show how a command is used",
  usage: ["[command]", "admin <what>", "exit-codes"],
  arguments: { least: 0, most: 2 },
  options: [],
  run: async (host, given) => {
    const [name, inner] = given.arguments;
    if (name === undefined) return showHelp(host.out, table, null);
    if (name === "exit-codes") {
      await host.out.write(exitCodesHelp(Math.min(100, host.out.columns())));
      return exitCodes.ok;
    }
    const command = await table.load(name);
    const found = inner === undefined ? command : ((await command?.nested?.load(inner)) ?? null);
    if (found !== null) return showHelp(host.out, table, found);
    const [unknown, names] = command === null ? [name, table.names] : [inner ?? "", command.nested?.names ?? []];
    const near = nearest(unknown, names);
    const message = `There is no command ${JSON.stringify(unknown)}.${near === null ? "" : ` Did you mean ${near}?`}`;
    return printUsageProblem(host, { json: false, message });
  },
});
