/** Figures of a recall run by group of questions: all, each half, each category. */
import { mean, percentiles, standardError } from "../statistics.ts";
import type { QuestionScore } from "./ask.ts";

export interface GroupFigures {
  readonly group: string;
  readonly questions: number;
  /** In points, 0..100, as are any and all. */
  readonly recall: number;
  /** Of recall, in points; questions of one conversation are treated as independent. */
  readonly standardError: number;
  readonly any: number;
  readonly all: number;
  /** 0..1, as is nDCG. */
  readonly mrr: number;
  readonly ndcg: number;
}

const points = (values: readonly number[]): number => 100 * mean(values);

const figuresOf = (group: string, scores: readonly QuestionScore[]): GroupFigures => ({
  group,
  questions: scores.length,
  recall: points(scores.map(({ recall }) => recall)),
  standardError: 100 * standardError(scores.map(({ recall }) => recall)),
  any: points(scores.map(({ any }) => any)),
  all: points(scores.map(({ all }) => all)),
  mrr: mean(scores.map(({ reciprocal }) => reciprocal)),
  ndcg: mean(scores.map(({ ndcg }) => ndcg)),
});

/** All first, then the halves, then categories in the order of the set; a group that everything is in comes once. */
export const groupFigures = (scores: readonly QuestionScore[]): readonly GroupFigures[] => {
  const groups = ["dev", "test", ...new Set(scores.map(({ group }) => group))];
  const inGroup = groups.map((group, at) =>
    figuresOf(
      group,
      scores.filter((score) => (at < 2 ? score.split : score.group) === group),
    ),
  );
  return [figuresOf("all", scores), ...inGroup.filter(({ questions, group }) => questions > 0 && group !== "all")];
};

const columns = ["questions", "recall@", "± s.e.", "any", "all", "MRR", "nDCG"];

/** Lines for the terminal. */
export const showGroups = (groups: readonly GroupFigures[], limit: number): readonly string[] => {
  const width = Math.max(14, ...groups.map(({ group }) => group.length));
  const headings = columns.map((name) => (name === "recall@" ? `recall@${limit}` : name).padStart(9));
  return [
    `${"group".padEnd(width)} ${headings.join(" ")}`,
    ...groups.map((one) => {
      const { group, questions, recall, any, all, mrr, ndcg } = one;
      const cells = [recall.toFixed(2), one.standardError.toFixed(2), any.toFixed(1), all.toFixed(1)];
      const shown = [String(questions), ...cells, mrr.toFixed(3), ndcg.toFixed(3)];
      return `${group.padEnd(width)} ${shown.map((cell) => cell.padStart(9)).join(" ")}`;
    }),
  ];
};

export interface BudgetFigures {
  readonly neighbours: number;
  /** In points. */
  readonly any: number;
  readonly recall: number;
  /** Mean tokens of an answer. */
  readonly tokens: number;
}

/** Of the questions that were asked within a budget: hits alone, and with neighbours; null where none was. */
export const budgetFigures = (
  scores: readonly QuestionScore[],
  context: number,
): readonly [BudgetFigures, BudgetFigures] | null => {
  const of = (key: "alone" | "withNeighbours", neighbours: number): BudgetFigures => {
    const asked = scores.flatMap((score) => score[key] ?? []);
    return {
      neighbours,
      any: points(asked.map(({ any }) => any)),
      recall: points(asked.map(({ recall }) => recall)),
      tokens: mean(asked.map(({ tokens }) => tokens)),
    };
  };
  return scores.some(({ alone }) => alone !== undefined) ? [of("alone", 0), of("withNeighbours", context)] : null;
};

export interface Timing {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
}

/** Milliseconds of a recall over HTTP, embedding included. */
export const timingOf = (scores: readonly QuestionScore[]): Timing =>
  percentiles(scores.map(({ milliseconds }) => milliseconds));
