/**
 * `npm run bench -- recall --data PATH`: evidence recall through the real HTTP path, a space a conversation, against
 * the committed baseline. No language model is asked: a question counts by how much of its evidence is in the answer.
 */
import { basename, resolve } from "node:path";
import { compare, type Figures, readBaseline, writeBaseline } from "./baseline.ts";
import { makeBenchDatabase } from "./database.ts";
import { builtin, embedderSetting } from "./embedders.ts";
import { askSpace, type AskOptions, type QuestionScore } from "./recall/ask.ts";
import { budgetFigures, groupFigures, showGroups, timingOf } from "./recall/figures.ts";
import { recallTables } from "./recall/kept.ts";
import { writeRecallReport } from "./recall/report-file.ts";
import { writeResult } from "./result-file.ts";
import { startServer } from "./server.ts";
import { readSet } from "./sets/read-set.ts";
import type { EvalSet, Split } from "./sets/set.ts";

export interface RecallOptions extends AskOptions {
  readonly data: string;
  readonly plain: boolean;
  readonly update: boolean;
  /** A name that CAIRN_EMBEDDER takes, or a folder with a model; the built-in table when null. */
  readonly embedder: string | null;
  readonly subset: Split | null;
  /** File for the scores of each question. */
  readonly json: string | null;
  /** Keeps the figures for docs/benchmarks.md. */
  readonly keep: boolean;
  readonly checkout: string | null;
  /** Where the server keeps its memories: in files, or in a PostgreSQL of its own. */
  readonly engine: "embedded" | "postgres";
  /** A PostgreSQL server on which a database may be made for the run; one is started when null. */
  readonly databaseUrl: string | null;
  /** What was typed, for who reads a kept result. */
  readonly command: string;
}

/** Points of evidence recall that a run may lose against the baseline before it fails. */
const tolerance = 0.3;
/** How the built-in table's ids begin: a server that cannot open another embedder goes on with it. */
const builtinModel = "cairn-static";
const usual = { limit: 10, minRelevance: 0 } as const;

const setName = (data: string): string => basename(resolve(data)).replace(/\.\w+$/, "");

/**
 * A run with other options than the usual is another measurement, with a baseline of its own. The engine is none of them:
 * both must find the same.
 */
const runName = (options: RecallOptions): string =>
  [
    `recall-${setName(options.data)}`,
    options.plain ? "plain" : "",
    options.embedder === null || options.embedder === builtin ? "" : basename(options.embedder),
    options.rerank === null || options.rerank === "none" ? "" : options.rerank,
    options.limit === usual.limit ? "" : `at-${options.limit}`,
    options.minRelevance === usual.minRelevance ? "" : `from-${options.minRelevance}`,
    options.subset ?? "",
  ]
    .filter((part) => part !== "")
    .join("-")
    .replaceAll(/[^\w.-]/g, "_");

const onlySplit = (set: EvalSet, subset: Split | null): EvalSet =>
  subset === null
    ? set
    : {
        ...set,
        spaces: set.spaces
          .map((space) => ({ ...space, questions: space.questions.filter(({ split }) => split === subset) }))
          .filter(({ questions }) => questions.length > 0),
      };

interface Run {
  readonly scores: readonly QuestionScore[];
  readonly embedder: string | null;
}

const measure = async (set: EvalSet, options: RecallOptions): Promise<Run> => {
  const { embedder, checkout, engine, databaseUrl } = options;
  await using database = engine === "postgres" ? await makeBenchDatabase(databaseUrl) : null;
  const server = await startServer({
    // Said in any case: a setting of whoever runs this must not decide what is measured.
    env: { CAIRN_EMBEDDER: embedderSetting(embedder ?? builtin), CAIRN_DATABASE_URL: database?.url ?? "" },
    ...(checkout === null ? {} : { checkout: resolve(checkout) }),
  });
  try {
    const scores: QuestionScore[] = [];
    let model: string | null = null;
    for (const [index, space] of set.spaces.entries()) {
      const asked = await askSpace(server, space, `bench-${index}`, options);
      scores.push(...asked.scores);
      model = asked.embedder ?? model;
    }
    return { scores, embedder: model };
  } finally {
    await server.stop();
  }
};

const oneDigit = (value: number): string => value.toFixed(1);

interface Figured {
  readonly groups: ReturnType<typeof groupFigures>;
  readonly timing: ReturnType<typeof timingOf>;
  readonly budget: ReturnType<typeof budgetFigures>;
}

const showRun = ({ groups, timing, budget }: Figured, embedder: string | null, options: RecallOptions): void => {
  for (const line of showGroups(groups, options.limit)) console.log(line);
  for (const { neighbours, any, recall, tokens } of budget ?? []) {
    const within = `within ${options.budget} tokens, ${neighbours} neighbours a side`;
    console.log(`${within}: any ${oneDigit(any)}, recall ${oneDigit(recall)} (${tokens.toFixed(0)} tokens an answer)`);
  }
  const took = `a recall took ${oneDigit(timing.p50)} ms (p50), ${oneDigit(timing.p95)} (p95)`;
  console.log(`embedder ${embedder ?? "not told"}; ${took}`);
};

const keepScores = (file: string, { scores, embedder }: Run, options: RecallOptions): void => {
  const { data, limit, plain, rerank, minRelevance, subset } = options;
  const kept = { plain, rerank, minRelevance, subset, embedder: options.embedder };
  writeRecallReport(file, { set: setName(data), embedder, limit, options: kept, questions: scores });
  console.log(`Wrote the scores of each question to ${file}.`);
};

/** A server that cannot open an embedder goes on with the built-in one: good for its users, wrong for a measurement. */
const checkEmbedder = (wanted: string | null, used: string | null): void => {
  if (wanted === null || wanted === builtin || used?.startsWith(builtinModel) !== true) return;
  throw new Error(`The server did not use the embedder ${wanted}: it answered with ${used}.`);
};

/** True when nothing is worse than the baseline. Throws `import.invalid` when the set cannot be read. */
export const benchRecall = async (options: RecallOptions): Promise<boolean> => {
  if (options.update && options.engine !== "embedded")
    throw new Error("The baseline is the embedded engine's: --update goes without --engine postgres.");
  const set = onlySplit(readSet(options.data, options.plain), options.subset);
  for (const note of set.notes) console.log(`${setName(options.data)}: ${note}.`);
  const memories = set.spaces.reduce((sum, space) => sum + space.memories.length, 0);
  const asked = set.spaces.reduce((sum, { questions }) => sum + questions.length, 0);
  if (asked === 0) throw new Error(`There is no question to ask in ${options.data}.`);
  console.log(`${memories} memories in ${set.spaces.length} spaces, ${asked} questions.`);
  const run = await measure(set, options);
  checkEmbedder(options.embedder, run.embedder);
  const { scores, embedder } = run;
  const figured: Figured = {
    groups: groupFigures(scores),
    timing: timingOf(scores),
    budget: budgetFigures(scores, options.context),
  };
  showRun(figured, embedder, options);
  if (options.json !== null) keepScores(options.json, run, options);
  const name = runName(options);
  if (options.keep) {
    const { limit, budget: budgetTokens, command } = options;
    const tables = recallTables({ ...figured, limit, budgetTokens, memories, set });
    const kept = options.engine === "embedded" ? name : `${name}-${options.engine}`;
    writeResult({ bench: "recall", name: kept, command, tables, versions: embedder === null ? {} : { embedder } });
  }
  const figures: Figures = Object.fromEntries(
    figured.groups.map(({ group, recall }) => [group, Math.round(100 * recall) / 100]),
  );
  if (options.update) {
    writeBaseline(name, figures);
    return true;
  }
  return compare(name, figures, readBaseline(name), (was, is) => is >= was - tolerance);
};
