import { type Command, jsonOption, textOf } from "../../command.ts";
import { dataOptions } from "../../options/data-options.ts";
import { sizeText } from "../../output/size-text.ts";
import { orgOption, type Shell, showFields, showTable, withShell } from "../shell.ts";

interface Amounts {
  readonly calls: number;
  readonly queries: number;
  readonly memoriesCreated: number;
  readonly memoriesDeleted: number;
  readonly embeddings: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
}

const headings = ["calls", "queries", "stored", "deleted", "embedded", "received", "sent"] as const;
const cellsOf = (amounts: Amounts): readonly string[] => [
  String(amounts.calls),
  String(amounts.queries),
  String(amounts.memoriesCreated),
  String(amounts.memoriesDeleted),
  String(amounts.embeddings),
  sizeText(amounts.bytesIn),
  sizeText(amounts.bytesOut),
];

const read = async (shell: Shell) => {
  const { given } = shell;
  const by = textOf(given, "by") ?? "metric";
  const { readUsage } = await import("@cairn/operations/operations/usage/read");
  const answer = await shell.call(readUsage, {
    from: textOf(given, "from"),
    to: textOf(given, "to"),
    by: by === "space" || by === "key" ? by : "none",
  });
  if (by === "day") {
    const rows = answer.days.map(({ day, amounts }) => [day, ...cellsOf(amounts)]);
    return showTable(shell, answer, ["day", ...headings], rows);
  }
  if (by === "space" || by === "key") {
    const rows = answer.groups.map((group) => [group[by] ?? "-", ...cellsOf(group.amounts)]);
    return showTable(shell, answer, [by, ...headings], rows);
  }
  const { totals } = answer;
  return showFields(shell, answer, [
    ["period", `${answer.from} to ${answer.to}`],
    ["calls", totals.calls],
    ["queries", totals.queries],
    ["memories stored", totals.memoriesCreated],
    ["memories deleted", totals.memoriesDeleted],
    ["memories there are", totals.memoriesStored],
    ["texts embedded", totals.embeddings],
    ["received", sizeText(totals.bytesIn)],
    ["sent", sizeText(totals.bytesOut)],
    ["on disk", sizeText(totals.storageBytes)],
  ]);
};

export const usage: Command = {
  name: "admin usage",
  summary: "See what an organisation used",
  usage: ["[--from DAY] [--to DAY] [--by HOW] [--org ORG]"],
  arguments: { least: 0, most: 0 },
  options: [
    { name: "from", value: "DAY", describe: "The first day (YYYY-MM-DD, UTC); the first of the month when absent." },
    { name: "to", value: "DAY", describe: "The last day; today when absent." },
    { name: "by", value: "HOW", choices: ["day", "space", "key", "metric"], describe: "What it is divided by." },
    orgOption,
    jsonOption,
    ...dataOptions,
  ],
  notes: ["What a server notes is here about a second later. What calls cost is metered once sign-in is on."],
  run: (host, given) => withShell(host, given, read),
};
