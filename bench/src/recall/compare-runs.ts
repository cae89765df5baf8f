/**
 * `npm run bench -- recall --compare A.json B.json`: how B differs from A on the questions that both were asked. The
 * same questions are paired, so that a difference of a few tenths shows where two means alone would hide it.
 */
import { CairnError } from "@cairn/kernel/error";
import { type Metric, metrics } from "../metrics.ts";
import { type Difference, pairedDifference } from "../statistics.ts";
import type { QuestionScore } from "./ask.ts";
import { readRecallReport } from "./report-file.ts";

export interface GroupDifference {
  readonly group: string;
  readonly questions: number;
  /** Questions of which B found more, and less, of the evidence. */
  readonly better: number;
  readonly worse: number;
  readonly differences: Readonly<Record<Metric, Difference>>;
}

type Pair = readonly [before: QuestionScore, now: QuestionScore];

const differenceOf = (group: string, pairs: readonly Pair[]): GroupDifference => ({
  group,
  questions: pairs.length,
  better: pairs.filter(([before, now]) => now.recall > before.recall).length,
  worse: pairs.filter(([before, now]) => now.recall < before.recall).length,
  differences: Object.fromEntries(
    metrics.map((metric) => [
      metric,
      pairedDifference(
        pairs.map(([before]) => before[metric]),
        pairs.map(([, now]) => now[metric]),
      ),
    ]),
  ) as Record<Metric, Difference>,
});

/** By group as in the runs; questions that only one of them has are left out. */
export const compareScores = (
  before: readonly QuestionScore[],
  now: readonly QuestionScore[],
): readonly GroupDifference[] => {
  const byId = new Map(before.map((score) => [score.id, score]));
  const pairs = now.flatMap((score): readonly Pair[] => {
    const other = byId.get(score.id);
    return other === undefined ? [] : [[other, score]];
  });
  const groups = ["dev", "test", ...new Set(pairs.map(([, { group }]) => group))];
  const inGroup = groups.map((group, at) =>
    differenceOf(
      group,
      pairs.filter(([, score]) => (at < 2 ? score.split : score.group) === group),
    ),
  );
  return [differenceOf("all", pairs), ...inGroup.filter(({ questions, group }) => questions > 0 && group !== "all")];
};

const signed = (value: number, digits: number): string => `${value < 0 ? "" : "+"}${value.toFixed(digits)}`;

/** Prints the differences of B to A in points; false when recall of all questions is surely worse. */
export const benchCompare = (fileA: string, fileB: string): boolean => {
  const [a, b] = [readRecallReport(fileA), readRecallReport(fileB)];
  const groups = compareScores(a.questions, b.questions);
  const [all] = groups;
  if (all === undefined || all.questions === 0) {
    throw new CairnError("import.invalid", "The two runs have no question in common.");
  }
  const left = a.questions.length + b.questions.length - 2 * all.questions;
  if (left > 0) console.log(`${left} questions are in one of the runs only and are left out.`);
  console.log(
    `${"group".padEnd(14)} questions  recall  (95 % of resamples)   any    all    MRR    nDCG  better  worse`,
  );
  for (const { group, questions, better, worse, differences } of groups) {
    const { recall, any, all, reciprocal, ndcg } = differences;
    const range = `(${signed(100 * recall.low, 2)} to ${signed(100 * recall.high, 2)})`;
    const cells = [
      String(questions).padStart(9),
      signed(100 * recall.difference, 2).padStart(7),
      range.padStart(20),
      signed(100 * any.difference, 1).padStart(6),
      signed(100 * all.difference, 1).padStart(6),
      signed(reciprocal.difference, 3).padStart(7),
      signed(ndcg.difference, 3).padStart(7),
      String(better).padStart(6),
      String(worse).padStart(6),
    ];
    console.log(`${group.padEnd(14)} ${cells.join(" ")}`);
  }
  const { low, high } = all.differences.recall;
  const verdict = high < 0 ? "worse" : low > 0 ? "better" : "neither better nor worse, as far as these questions tell";
  console.log(`On all questions the second run is ${verdict}.`);
  return high >= 0;
};
