/** The benchmarks' command line; see docs/benchmarks.md. Exit status 1 when something is worse than its baseline. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { benchRecall } from "./recall.ts";
import { benchSpeed } from "./speed.ts";

const usage = `npm run bench -- recall [--data FILE] [--plain] [--update]   evidence recall@10 (LoCoMo's format, or JSON lines)
npm run bench -- speed  [--update]                             1,000 and 10,000 memories
npm run bench -- scale  [--update]                             1,000, 10,000 and 100,000 memories`;

const ownData = join(import.meta.dirname, "../data/household.jsonl");

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    data: { type: "string" },
    plain: { type: "boolean", default: false },
    update: { type: "boolean", default: false },
  },
});

const run = async (): Promise<boolean> => {
  const { update, plain } = values;
  switch (positionals[0]) {
    case "recall": {
      const data = values.data ?? ownData;
      if (!existsSync(data)) throw new Error(`There is no data set ${data}; name one with --data FILE.`);
      if (values.data === undefined) console.log("No --data FILE: the small set that comes with the project is used.");
      return benchRecall({ data, plain, update });
    }
    case "speed":
      return benchSpeed([1_000, 10_000], "speed", update);
    case "scale":
      return benchSpeed([1_000, 10_000, 100_000], "scale", update);
    case undefined:
    default:
      console.log(usage);
      return positionals[0] === undefined;
  }
};

process.exitCode = (await run()) ? 0 : 1;
