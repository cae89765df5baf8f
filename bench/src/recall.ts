/**
 * `npm run bench -- recall --data FILE`: evidence recall@10 through the real HTTP path, a space a conversation, against
 * the committed baseline. No language model is asked: a question counts by how much of its evidence is among the ten.
 */
import { basename } from "node:path";
import { compare, readBaseline, writeBaseline } from "./baseline.ts";
import { type EvalSpace, readDataset } from "./dataset.ts";
import { type BenchServer, startServer } from "./server.ts";

interface Tally {
  questions: number;
  recall: number;
  any: number;
  all: number;
}

const limit = 10;
const batch = 500;

const emptyTally = (): Tally => ({ questions: 0, recall: 0, any: 0, all: 0 });

const storeSpace = async (server: BenchServer, space: EvalSpace, name: string): Promise<Map<string, string>> => {
  await server.post("/v1/spaces", { name });
  const names = new Map<string, string>();
  for (let from = 0; from < space.memories.length; from += batch) {
    const some = space.memories.slice(from, from + batch);
    const memories = some.map((memory) => ({ ...memory, id: undefined, skip_dedup: true, space: name }));
    const { results } = await server.post<{ results: { memory_id: string }[] }>("/v1/remember/batch", {
      memories,
      space: name,
    });
    for (const [at, memory] of some.entries()) names.set(results[at]?.memory_id ?? "", memory.id);
  }
  return names;
};

const scoreSpace = async (
  server: BenchServer,
  space: EvalSpace,
  name: string,
  tallies: Map<string, Tally>,
): Promise<void> => {
  const names = await storeSpace(server, space, name);
  for (const question of space.questions) {
    const { results } = await server.post<{ results: { memory: { id: string } }[] }>("/v1/recall", {
      query: question.query,
      limit,
      min_relevance: 0,
      space: name,
    });
    const found = new Set(results.map((result) => names.get(result.memory.id)));
    const hits = question.gold.filter((id) => found.has(id)).length;
    for (const group of ["all", space.half, question.group]) {
      const tally = tallies.get(group) ?? emptyTally();
      tallies.set(group, tally);
      tally.questions++;
      tally.recall += hits / question.gold.length;
      tally.any += hits > 0 ? 1 : 0;
      tally.all += hits === question.gold.length ? 1 : 0;
    }
  }
};

const percent = (value: number, of: number): number => Math.round((10_000 * value) / of) / 100;

/** Points of evidence recall that a run may lose against the baseline before it fails. */
const tolerance = 0.3;

export const benchRecall = async (options: {
  readonly data: string;
  readonly plain: boolean;
  readonly update: boolean;
}): Promise<boolean> => {
  const spaces = readDataset(options.data, options.plain);
  const server = await startServer();
  const tallies = new Map<string, Tally>();
  try {
    for (const [index, space] of spaces.entries()) await scoreSpace(server, space, `bench-${index}`, tallies);
  } finally {
    await server.stop();
  }
  const figures: Record<string, number> = {};
  console.log("group          questions  recall@10    any    all");
  for (const [group, tally] of tallies) {
    const recall = percent(tally.recall, tally.questions);
    console.log(
      `${group.padEnd(14)} ${String(tally.questions).padStart(9)} ${recall.toFixed(2).padStart(10)} ${percent(tally.any, tally.questions).toFixed(1).padStart(6)} ${percent(tally.all, tally.questions).toFixed(1).padStart(6)}`,
    );
    figures[group] = recall;
  }
  const name = `recall-${basename(options.data).replace(/\.\w+$/, "")}${options.plain ? "-plain" : ""}`;
  if (options.update) {
    writeBaseline(name, figures);
    return true;
  }
  return compare(name, figures, readBaseline(name), (was, is) => is >= was - tolerance);
};
