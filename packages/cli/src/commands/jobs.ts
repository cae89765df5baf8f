import { CairnError } from "@cairn/kernel/error";
import { type Command, flagOf, jsonOption, numberOf, textOf } from "../command.ts";
import { exitCodes } from "../exit-codes.ts";
import { withLocal } from "../local/with-local.ts";
import { dataOptions } from "../options/data-options.ts";
import { escapeLine } from "../output/escape-text.ts";
import { printJson } from "../output/json-document.ts";

const verbs = ["list", "retry", "remove"] as const;

const mostIds = 100;

export const jobs: Command = {
  name: "jobs",
  summary: "List background jobs, run failed ones again, or remove them",
  usage: ["[list] [--state STATE] [--name NAME] [--limit N]", "retry <id>…", "remove <id>…"],
  arguments: { least: 0, most: 1 + mostIds, choices: verbs },
  options: [
    {
      name: "state",
      value: "STATE",
      choices: ["waiting", "running", "failed"],
      describe: "Only jobs in this state.",
    },
    { name: "name", value: "NAME", describe: "Only jobs of this kind, such as sweep-space." },
    { name: "limit", value: "N", type: "number", describe: "So many at most; 50 when absent." },
    { name: "cursor", value: "TEXT", describe: "Go on where the list before ended." },
    jsonOption,
    ...dataOptions,
  ],
  notes: [
    "Servers run the jobs; this shows them, makes one due now with all its tries (retry), or takes it out (remove).",
  ],
  run: async (host, given) => {
    const [verb = "list", ...ids] = given.arguments;
    const json = flagOf(given, "json");
    if (verb === "list" && ids.length > 0) {
      throw new CairnError("request.invalid", "A list takes no ids.", { hint: "cairn help jobs" });
    }
    if (verb !== "list" && ids.length === 0) {
      throw new CairnError("request.invalid", `Which job? cairn jobs ${verb} <id>`, { hint: "cairn jobs list" });
    }
    return withLocal(host, given, async ({ services }) => {
      const queue = services.jobs();
      if (verb === "list") {
        const { listOptions, showJobs } = await import("../jobs/job-list.ts");
        const filter = {
          state: textOf(given, "state"),
          name: textOf(given, "name"),
          limit: numberOf(given, "limit"),
          cursor: textOf(given, "cursor"),
        };
        await showJobs(host, queue, listOptions(filter), json);
        return exitCodes.ok;
      }
      const outcomes: { readonly id: string; readonly done: boolean }[] = [];
      for (const id of ids) {
        host.signal.throwIfAborted();
        outcomes.push({ id, done: await (verb === "retry" ? queue.retry(id) : queue.remove(id)) });
      }
      if (json) await printJson(host, { jobs: outcomes });
      for (const { id, done } of outcomes) {
        if (json) break;
        if (done) await host.out.write(`${verb === "retry" ? "Due now" : "Removed"}: ${escapeLine(id)}\n`);
        else await host.err.write(`There is no job ${escapeLine(id)}, or it is running.\n`);
      }
      return outcomes.every(({ done }) => done) ? exitCodes.ok : exitCodes.notFound;
    });
  },
};
