/** What of a recall run is kept for the page of benchmarks. */
import type { ResultTable, Row } from "../result-file.ts";
import type { EvalSet } from "../sets/set.ts";
import type { BudgetFigures, GroupFigures, Timing } from "./figures.ts";

export interface KeptRun {
  readonly groups: readonly GroupFigures[];
  readonly budget: readonly BudgetFigures[] | null;
  readonly timing: Timing;
  readonly limit: number;
  readonly budgetTokens: number | null;
  readonly memories: number;
  readonly set: EvalSet;
}

const groupRow = (one: GroupFigures, limit: number): Row => ({
  questions: `${one.group} (${one.questions})`,
  [`recall@${limit}`]: one.recall.toFixed(1),
  "standard error": one.standardError.toFixed(1),
  any: one.any.toFixed(1),
  all: one.all.toFixed(1),
  [`MRR@${limit}`]: one.mrr.toFixed(3),
  [`nDCG@${limit}`]: one.ndcg.toFixed(3),
});

export const recallTables = (run: KeptRun): readonly ResultTable[] => {
  const { groups, budget, timing, limit, memories, set } = run;
  const spaces = set.spaces.length;
  const quality: ResultTable = {
    title: `${memories.toLocaleString("en")} memories in ${spaces} ${spaces === 1 ? "space" : "spaces"}, limit ${limit}`,
    rows: groups.map((one) => groupRow(one, limit)),
    notes: [
      ...set.notes.map((note) => `${note}.`.replace(/^./, (letter) => letter.toUpperCase())),
      `A recall over HTTP, embedding included: ${timing.p50.toFixed(1)} ms (p50), ${timing.p95.toFixed(1)} ms (p95).`,
    ],
  };
  if (budget === null) return [quality];
  const rows = budget.map(({ neighbours, any, recall, tokens }): Row => ({
    "neighbours on each side": neighbours,
    "any evidence": any.toFixed(1),
    "recall of evidence": recall.toFixed(1),
    "tokens an answer": tokens.toFixed(0),
  }));
  return [quality, { title: `Within ${run.budgetTokens} tokens`, rows }];
};
