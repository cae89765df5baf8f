import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { QuestionScore } from "./ask.ts";
import { compareScores } from "./compare-runs.ts";
import { budgetFigures, groupFigures, showGroups } from "./figures.ts";
import { readRecallReport, writeRecallReport } from "./report-file.ts";

const score = (id: string, recall: number, more: Partial<QuestionScore> = {}): QuestionScore => ({
  id,
  space: "one",
  group: "single",
  split: "dev",
  milliseconds: 1,
  recall,
  any: recall > 0 ? 1 : 0,
  all: recall === 1 ? 1 : 0,
  reciprocal: recall,
  ndcg: recall,
  ...more,
});

describe("figures of a run", () => {
  const scores = [
    score("a", 1),
    score("b", 0.5, { split: "test", group: "multi" }),
    score("c", 0, { split: "test", milliseconds: 3 }),
  ];

  test("REC-8 questions are counted together, by half and by category", () => {
    const figures = groupFigures(scores).map(({ group, questions, recall, any, all }) => [
      group,
      questions,
      recall,
      any,
      all,
    ]);
    expect(figures).toEqual([
      ["all", 3, 50, expect.closeTo(200 / 3, 9), expect.closeTo(100 / 3, 9)],
      ["dev", 1, 100, 100, 100],
      ["test", 2, 25, 50, 0],
      ["single", 2, 50, 50, 50],
      ["multi", 1, 50, 100, 0],
    ]);
    expect(showGroups(groupFigures(scores), 10)[1]).toMatch(
      /^all +3 +50\.00 +\d+\.\d\d +66\.7 +33\.3 +0\.500 +0\.500$/,
    );
  });

  test("REC-8 a set without halves and categories has one row", () => {
    const plain = scores.map((one) => ({ ...one, split: null, group: "all" }));
    expect(groupFigures(plain).map(({ group }) => group)).toEqual(["all"]);
  });

  test("REC-6 what is reached within a budget is told without and with neighbours", () => {
    const within = (any: number) => ({ any, recall: any / 2, tokens: 800 });
    const asked = [
      score("a", 1, { alone: within(1), withNeighbours: within(1) }),
      score("b", 1, { alone: within(0), withNeighbours: within(1) }),
    ];
    expect(budgetFigures(asked, 2)).toEqual([
      { neighbours: 0, any: 50, recall: 25, tokens: 800 },
      { neighbours: 2, any: 100, recall: 50, tokens: 800 },
    ]);
    expect(budgetFigures(scores, 2)).toBeNull();
  });
});

describe("two runs", () => {
  const before = Array.from({ length: 200 }, (_, at) => score(`q${at}`, at % 2, { group: at < 100 ? "easy" : "hard" }));
  // One in twenty questions is found that was not; none is lost.
  const now = before.map((one, at) => (at % 20 === 0 ? score(one.id, 1, { group: one.group }) : one));

  test("REC-8 are compared question by question, whatever their order", () => {
    const [all, dev, easy] = compareScores(before, now.toReversed());
    expect(all).toMatchObject({ group: "all", questions: 200, better: 10, worse: 0 });
    expect(all?.differences.recall.difference).toBeCloseTo(0.05, 12);
    expect(all?.differences.recall.low).toBeGreaterThan(0);
    expect([dev?.questions, easy?.group, easy?.questions, easy?.better]).toEqual([200, "hard", 100, 5]);
  });

  test("REC-8 questions that only one run has are left out", () => {
    const [all] = compareScores(before.slice(0, 50), [...now.slice(0, 50), score("new", 1)]);
    expect(all?.questions).toBe(50);
  });

  test("REC-8 a run's scores are read back from its file, and another file is refused", () => {
    const folder = mkdtempSync(join(tmpdir(), "cairn-runs-"));
    try {
      const file = join(folder, "run.json");
      const report = { set: "own", embedder: null, limit: 10, options: { plain: true }, questions: before };
      writeRecallReport(file, report);
      expect(readRecallReport(file)).toEqual(report);
      expect(() => readRecallReport(join(folder, "absent.json"))).toThrow(/There is no file/);
      expect(() => readRecallReport(join(import.meta.dirname, "../../package.json"))).toThrow(/holds no scores/);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
