/** One space of a set through the HTTP API: its memories are stored, its questions asked and scored one by one. */
import { type Score, scoreAnswer } from "../metrics.ts";
import type { BenchServer } from "../server.ts";
import type { EvalMemory, EvalQuestion, EvalSpace } from "../sets/set.ts";

export interface AskOptions {
  readonly limit: number;
  readonly minRelevance: number;
  readonly rerank: string | null;
  /** Tokens (characters / 4) that an answer may have together; measured besides, without and with neighbours. */
  readonly budget: number | null;
  /** Neighbours on each side for the measure within a budget. */
  readonly context: number;
}

/** Whether any evidence is within the budget, 0 or 1, and what part of it. */
export interface BudgetScore {
  readonly any: number;
  readonly recall: number;
  readonly tokens: number;
}

export interface QuestionScore extends Score {
  readonly id: string;
  readonly space: string;
  readonly group: string;
  readonly split: string | null;
  readonly milliseconds: number;
  readonly alone?: BudgetScore;
  readonly withNeighbours?: BudgetScore;
}

interface Answer {
  readonly results: readonly {
    readonly memory: { readonly id: string };
    readonly neighbours?: readonly { readonly id: string }[];
  }[];
  readonly tokens?: number;
  readonly embedder?: string | null;
}

const mostMemories = 500;
const mostCharacters = 2_000_000;
/** The most results that the API gives by default: within a budget it is tokens that count, not their number. */
const mostResults = 50;

const portions = function* (memories: readonly EvalMemory[]): Generator<readonly EvalMemory[]> {
  let portion: EvalMemory[] = [];
  let characters = 0;
  for (const memory of memories) {
    if (
      portion.length === mostMemories ||
      (portion.length > 0 && characters + memory.content.length > mostCharacters)
    ) {
      yield portion;
      portion = [];
      characters = 0;
    }
    portion.push(memory);
    characters += memory.content.length;
  }
  if (portion.length > 0) yield portion;
};

/** The set's ids by those that Cairn gave. */
const storeSpace = async (server: BenchServer, space: EvalSpace, name: string): Promise<Map<string, string>> => {
  await server.post("/v1/spaces", { name });
  const ids = new Map<string, string>();
  for (const portion of portions(space.memories)) {
    const memories = portion.map((memory) => ({ ...memory, id: undefined, skip_dedup: true, space: name }));
    const { results } = await server.post<{ results: { memory_id: string | null }[] }>("/v1/remember/batch", {
      memories,
      space: name,
    });
    for (const [at, { id }] of portion.entries()) {
      const given = results[at]?.memory_id;
      if (typeof given !== "string") throw new Error(`The server did not store document ${id} of space ${space.name}.`);
      ids.set(given, id);
    }
  }
  return ids;
};

const withinBudget = (
  { results, tokens = Number.NaN }: Answer,
  ids: ReadonlyMap<string, string>,
  gold: readonly string[],
): BudgetScore => {
  const shown = results.flatMap(({ memory, neighbours = [] }) => [memory, ...neighbours]);
  const found = new Set(shown.map(({ id }) => ids.get(id)));
  const hits = gold.filter((id) => found.has(id)).length;
  return { any: hits > 0 ? 1 : 0, recall: hits / gold.length, tokens };
};

const askOne = async (
  server: BenchServer,
  name: string,
  question: EvalQuestion,
  ids: ReadonlyMap<string, string>,
  options: AskOptions,
): Promise<{ readonly score: QuestionScore; readonly embedder: string | null }> => {
  const { limit, minRelevance, rerank, budget, context } = options;
  const ask = (more: object): Promise<Answer> =>
    server.post<Answer>("/v1/recall", {
      query: question.query,
      limit,
      min_relevance: minRelevance,
      space: name,
      ...(rerank === null ? {} : { rerank }),
      ...more,
    });
  const started = performance.now();
  const answer = await ask({});
  const milliseconds = performance.now() - started;
  const found = answer.results.map(({ memory }) => ids.get(memory.id) ?? "");
  const { id, group, split, gold, grades } = question;
  const score = { id, space: name, group, split, milliseconds, ...scoreAnswer(found, gold, limit, grades) };
  const embedder = answer.embedder ?? null;
  if (budget === null) return { score, embedder };
  const wide = { limit: mostResults, budget_tokens: budget };
  const alone = withinBudget(await ask({ ...wide, context: 0 }), ids, gold);
  const withNeighbours = withinBudget(await ask({ ...wide, context }), ids, gold);
  return { score: { ...score, alone, withNeighbours }, embedder };
};

/** Scores of all questions of a space, in the order of the set. `name` is the name the space gets. */
export const askSpace = async (
  server: BenchServer,
  space: EvalSpace,
  name: string,
  options: AskOptions,
): Promise<{ readonly scores: readonly QuestionScore[]; readonly embedder: string | null }> => {
  const ids = await storeSpace(server, space, name);
  const scores: QuestionScore[] = [];
  let embedder: string | null = null;
  for (const question of space.questions) {
    const asked = await askOne(server, name, question, ids, options);
    scores.push({ ...asked.score, space: space.name });
    embedder = asked.embedder;
  }
  return { scores, embedder };
};
