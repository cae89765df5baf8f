/** The benchmarks' command line; see docs/benchmarks.md. Exit status 1 when something is worse than its baseline. */
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { isCairnError } from "@cairn/kernel/error";

const usage = `npm run bench -- recall [--data PATH] [--update]   evidence recall@10: LoCoMo's format, JSON lines, or a folder as BEIR has
    --plain               one text for everyone, "[date] author: text", and nothing else known
    --embedder NAME       builtin, openai, a model's name or a folder with one
    --rerank MODE         none, heuristic or cross-encoder
    --subset dev|test     only the half that is fitted on, or that is reported
    --limit N             results a question (10)      --min-relevance N   leaves out what is less relevant (0)
    --budget TOKENS       also what is reached within so many tokens, without and with --context N neighbours (1)
    --json FILE           keeps the score of each question      --keep   keeps the figures for docs/benchmarks.md
    --checkout FOLDER     measures the server of another checkout
    --engine postgres     memories in a PostgreSQL of its own (or --database-url URL: in a database made there for the run)
npm run bench -- recall --compare A.json B.json    the difference of two runs, question by question
npm run bench -- embed  [--embedder NAME,…]        what a text costs, by embedder
npm run bench -- queue  [--update]                 a tenant's questions while another imports
npm run bench -- fairness [--texts N]              the same in more detail, with deadlines
npm run bench -- noise [--connections N] [--seconds N]   a tenant's questions while another hammers with imports
    --url URL --keys A,B  at a server that runs, with a key of each of two organisations
npm run bench -- speed  [--sizes N,…] [--update]   through HTTP, at 1,000 and 10,000 memories or as many as you say
npm run bench -- scale  [--sizes N,…] [--folder F] [--mixed]   one space that grows to a million memories
npm run bench -- tenants [--spaces FEW,MANY] [--large N] [--update]   the cloud engine: many tenants, and a large one
npm run bench -- peers --data PATH [--only NAME,…] [--spaces N] [--questions N]   other memories on the same work
npm run bench -- report                            writes docs/benchmarks.md from bench/results
npm run bench -- page --data PATH [--embedder FOLDER]   measures all that the page shows, and writes it`;

const ownData = join(import.meta.dirname, "../data/household.jsonl");

const parsed = () => {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        data: { type: "string" },
        plain: { type: "boolean", default: false },
        update: { type: "boolean", default: false },
        embedder: { type: "string" },
        rerank: { type: "string" },
        subset: { type: "string" },
        limit: { type: "string" },
        "min-relevance": { type: "string" },
        budget: { type: "string" },
        context: { type: "string" },
        json: { type: "string" },
        keep: { type: "boolean", default: false },
        checkout: { type: "string" },
        engine: { type: "string" },
        "database-url": { type: "string" },
        compare: { type: "boolean", default: false },
        only: { type: "string" },
        spaces: { type: "string" },
        questions: { type: "string" },
        texts: { type: "string" },
        connections: { type: "string" },
        seconds: { type: "string" },
        url: { type: "string" },
        keys: { type: "string" },
        large: { type: "string" },
        sizes: { type: "string" },
        folder: { type: "string" },
        mixed: { type: "boolean", default: false },
      },
    });
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : ""}\n\n${usage}`);
    process.exit(2);
  }
};
const { values, positionals } = parsed();

/** What was typed, for a kept result, without what only this machine and moment know. */
const commandOf = (args: readonly string[]): string =>
  args
    .join("\0")
    .replaceAll(/\0--(?:keep|update|(?:checkout|json|database-url)(?:=|\0)[^\0]*)(?=\0|$)/g, "")
    .replaceAll(/(?:[\w.-]*\/)+([\w.-]+)/g, "$1")
    .replaceAll("\0", " ");
const command = commandOf(process.argv.slice(2));

type NumberOption =
  | "limit"
  | "min-relevance"
  | "budget"
  | "context"
  | "spaces"
  | "questions"
  | "texts"
  | "large"
  | "connections"
  | "seconds";

const numberOf = (name: NumberOption, least: number): number | null => {
  const given = values[name];
  if (given === undefined) return null;
  const value = Number(given);
  if (given.trim() === "" || Number.isNaN(value) || value < least)
    throw new Error(`--${name} takes a number from ${least}.`);
  return value;
};

const listOf = (given: string | undefined): readonly string[] | null =>
  given?.split(",").map((name) => name.trim()) ?? null;

const sizesOf = (usual: readonly number[]): readonly number[] => {
  const sizes = listOf(values.sizes)?.map(Number) ?? usual;
  if (sizes.every((size, at) => Number.isSafeInteger(size) && size > (sizes[at - 1] ?? 0))) return sizes;
  throw new Error("--sizes takes whole numbers in rising order, such as 1000,10000.");
};

const subsetOf = (given: string | undefined): "dev" | "test" | null => {
  if (given === undefined || given === "dev" || given === "test") return given ?? null;
  throw new Error("--subset takes dev or test.");
};

const engineOf = (given: string | undefined): "embedded" | "postgres" => {
  if (given === undefined || given === "embedded" || given === "postgres") return given ?? "embedded";
  throw new Error("--engine takes embedded or postgres.");
};

const serverOf = (url: string | undefined, keys: string | undefined) => {
  if (url === undefined) return null;
  const [first, second] = listOf(keys) ?? [];
  if (!URL.canParse(url) || first === undefined || second === undefined)
    throw new Error("--url takes the address of a server, and --keys a key of each of two organisations: A,B.");
  return { url, keys: [first, second] } as const;
};

const dataPath = (fallback: string | undefined): string => {
  const data = values.data ?? fallback;
  if (data === undefined) throw new Error("Name a data set with --data PATH; LoCoMo is not part of this project.");
  if (!existsSync(data)) throw new Error(`There is no data set ${data}; name one with --data PATH.`);
  return data;
};

const runRecall = async (): Promise<boolean> => {
  if (values.compare) {
    const { benchCompare } = await import("./recall/compare-runs.ts");
    const [, a, b] = positionals;
    if (a === undefined || b === undefined) throw new Error("--compare takes two files that --json wrote.");
    return benchCompare(a, b);
  }
  const { benchRecall } = await import("./recall.ts");
  if (values.data === undefined) console.log("No --data PATH: the small set that comes with the project is used.");
  const { plain, update, embedder = null, rerank = null, json = null, keep, checkout = null } = values;
  return benchRecall({
    data: dataPath(ownData),
    subset: subsetOf(values.subset),
    limit: numberOf("limit", 1) ?? 10,
    minRelevance: numberOf("min-relevance", 0) ?? 0,
    budget: numberOf("budget", 1),
    context: numberOf("context", 0) ?? 1,
    plain,
    update,
    embedder,
    rerank,
    json,
    keep,
    checkout,
    engine: values["database-url"] === undefined ? engineOf(values.engine) : "postgres",
    databaseUrl: values["database-url"] ?? null,
    command,
  });
};

const runPeers = async (): Promise<boolean> => {
  const { benchPeers } = await import("./peers/peers.ts");
  const { embedder = null, keep, checkout = null } = values;
  return benchPeers({
    data: dataPath(undefined),
    only: listOf(values.only),
    spaces: numberOf("spaces", 1) ?? 3,
    questions: numberOf("questions", 1),
    embedder,
    keep,
    checkout,
    command,
  });
};

const run = async (): Promise<boolean> => {
  const { update, keep, checkout = null } = values;
  switch (positionals[0]) {
    case "recall":
      return runRecall();
    case "embed": {
      const { benchEmbed } = await import("./embed.ts");
      return benchEmbed({ embedders: listOf(values.embedder), keep, command });
    }
    case "queue": {
      const { benchQueue } = await import("./queue.ts");
      return benchQueue({ texts: numberOf("texts", 100) ?? 12_000, update, keep, checkout, command });
    }
    case "fairness": {
      const { benchFairness } = await import("./fairness.ts");
      return benchFairness({ texts: numberOf("texts", 100) ?? 20_000, batch: 250, checkout });
    }
    case "noise": {
      const { benchNoise } = await import("./noise.ts");
      return benchNoise({
        connections: numberOf("connections", 1) ?? 16,
        seconds: numberOf("seconds", 1) ?? 6,
        server: serverOf(values.url, values.keys),
        update,
      });
    }
    case "speed": {
      const { benchSpeed } = await import("./speed.ts");
      return benchSpeed(sizesOf([1_000, 10_000]), { update, keep, checkout, command });
    }
    case "scale": {
      const { benchScale } = await import("./scale.ts");
      const sizes = sizesOf([10_000, 100_000, 1_000_000]);
      return benchScale({
        sizes,
        folder: values.folder ?? null,
        mixed: values.mixed,
        update: values.update,
        keep: values.keep,
      });
    }
    case "tenants": {
      const { benchTenants } = await import("./tenants.ts");
      const [few = 0, many = 0, ...others] = listOf(values.spaces)?.map(Number) ?? [10, 10_000];
      if (!(Number.isSafeInteger(few) && few >= 1 && Number.isSafeInteger(many) && many > few && others.length === 0))
        throw new Error("--spaces takes two whole numbers in rising order, such as 10,10000.");
      return benchTenants({ spaces: [few, many], large: numberOf("large", 0) ?? 250_000, keep, update });
    }
    case "peers":
      return runPeers();
    case "page": {
      const { benchPage } = await import("./measure-page.ts");
      return benchPage({ data: resolve(dataPath(undefined)), embedder: values.embedder ?? null });
    }
    case "report": {
      const { benchReport } = await import("./report/report.ts");
      return benchReport();
    }
    case undefined:
    default:
      console.log(usage);
      return positionals[0] === undefined;
  }
};

try {
  process.exitCode = (await run()) ? 0 : 1;
} catch (error) {
  // What is wrong with an option or a file is for people; everything else shows where it happened.
  const known = isCairnError(error) || (error instanceof Error && error.constructor === Error);
  console.error(known ? error.message : error);
  process.exitCode = 1;
}
