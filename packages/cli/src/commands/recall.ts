import { type Command, flagOf, numberOf, textOf } from "../command.ts";
import { exitCodes } from "../exit-codes.ts";
import { withLocal } from "../local/with-local.ts";
import { inSpace, memoryCommandOptions } from "../options/data-options.ts";
import { filterOptions, filtersOf } from "../options/filter-options.ts";
import { printJson } from "../output/json-document.ts";
import { recallText } from "../output/recall-text.ts";
import { styleFor } from "../output/style.ts";
import { textWidth } from "../output/memory-text.ts";

export const recall: Command = {
  name: "recall",
  summary: "Recall what is relevant to a question",
  usage: ["<question> [options]"],
  arguments: { least: 1, most: 1 },
  options: [
    { name: "limit", short: "n", value: "N", type: "number", describe: "How many results at most (5)." },
    { name: "min-relevance", value: "0..1", type: "number", describe: "Leave out what is less relevant (0.3)." },
    ...filterOptions,
    { name: "as-of", value: "TIME", describe: "Answer as the memory stood then." },
    { name: "include", value: "WHAT", choices: ["memories", "sessions", "all"], describe: "Where to look (memories)." },
    {
      name: "context",
      short: "C",
      value: "N",
      type: "number",
      describe: "How many neighbours of a result in its session to show.",
    },
    { name: "budget-tokens", value: "N", type: "number", describe: "At most so many tokens (characters / 4) of text." },
    {
      name: "deadline-ms",
      value: "N",
      type: "number",
      describe: "Answer within this time with the best found so far.",
    },
    {
      name: "rerank",
      value: "HOW",
      choices: ["none", "heuristic", "cross-encoder"],
      describe: "Order the best again: by rules, by the configured model, or not (as the space or server is set).",
    },
    { name: "include-quarantined", describe: "Also show, marked, what is held back (see cairn release)." },
    { name: "explain", describe: "Show what each signal contributed." },
    ...memoryCommandOptions,
  ],
  notes: ['cairn recall "what does Ada drink?"', 'cairn recall "decisions on storage" --after "last month" --explain'],
  run: async (host, given) => {
    const input = {
      ...filtersOf(given),
      ...inSpace(given),
      query: given.arguments[0],
      limit: numberOf(given, "limit"),
      minRelevance: numberOf(given, "min-relevance"),
      asOf: textOf(given, "as-of"),
      include: textOf(given, "include"),
      context: numberOf(given, "context"),
      budgetTokens: numberOf(given, "budget-tokens"),
      deadlineMs: numberOf(given, "deadline-ms"),
      rerank: textOf(given, "rerank"),
      includeQuarantined: flagOf(given, "include-quarantined"),
      explain: flagOf(given, "explain"),
    };
    return withLocal(host, given, async ({ call }) => {
      const { recall: operation } = await import("@cairn/operations/operations/recall/recall");
      const answer = await call(operation, input);
      if (flagOf(given, "json")) await printJson(host, answer);
      else await host.out.write(recallText(answer, styleFor(host, host.out), textWidth(host.out)));
      return exitCodes.ok;
    });
  },
};
