import { CairnError } from "@cairn/kernel/error";
import { type Command, flagOf, numberOf } from "../command.ts";
import { exitCodes } from "../exit-codes.ts";
import { withLocal } from "../local/with-local.ts";
import { inSpace, memoryCommandOptions } from "../options/data-options.ts";
import { canAsk, confirm } from "../output/confirm.ts";
import { escapeLine } from "../output/escape-text.ts";
import { printJson } from "../output/json-document.ts";

export const forget: Command = {
  name: "forget",
  summary: "Forget a memory",
  usage: ["<id> [options]"],
  arguments: { least: 1, most: 1 },
  options: [
    { name: "purge", describe: "Erase its text for good, its history included." },
    { name: "yes", short: "y", describe: "Do not ask." },
    { name: "expected-version", value: "N", type: "number", describe: "Forget it only if this is its version." },
    ...memoryCommandOptions,
  ],
  notes: ["Without --purge it can be brought back for a while: cairn restore <id>."],
  run: async (host, given) => {
    const [id = ""] = given.arguments;
    const purge = flagOf(given, "purge");
    if (purge && !flagOf(given, "yes")) {
      if (!canAsk(host)) {
        throw new CairnError("request.invalid", "Erasing for good needs a yes.", {
          hint: "Add --yes to do it without being asked.",
        });
      }
      if (!(await confirm(host, `Erase ${escapeLine(id)} for good, its history included?`, false)))
        return exitCodes.failure;
    }
    return withLocal(host, given, async ({ call }) => {
      const { forget: operation } = await import("@cairn/operations/operations/memories/forget");
      const expectedVersion = numberOf(given, "expected-version");
      const answer = await call(operation, { id, purge, expectedVersion, ...inSpace(given) });
      if (flagOf(given, "json")) await printJson(host, answer);
      else {
        const how = purge ? "Erased" : "Forgot";
        const back = purge ? "" : `; bring it back with: cairn restore ${escapeLine(id)}`;
        await host.out.write(`${how} ${escapeLine(answer.memoryId)}${back}\n`);
      }
      return exitCodes.ok;
    });
  },
};
