import { describe, expect, test } from "vitest";
import type { TestResult } from "../../spec/check.ts";
import { judge, tallyFailed, tallyLine } from "./tally.ts";

const result = (state: TestResult["state"]): TestResult => ({ file: "a.test.ts", title: "works", state });
const green = { results: [result("passed"), result("passed")], troubles: [] };

describe("the last line", () => {
  test("counts what passed and failed, and what was skipped only if anything was", () => {
    expect(tallyLine(green)).toBe("2 passed, 0 failed");
    expect(tallyLine({ ...green, results: [...green.results, result("skipped"), result("failed")] })).toBe(
      "2 passed, 1 failed, 1 skipped",
    );
  });

  test("counts a file that does not load as a failure", () => {
    expect(tallyLine({ ...green, troubles: ["a.test.ts: no such module"] })).toBe("2 passed, 1 failed");
  });
});

describe("a run of the tests", () => {
  test("passes when tests passed and the runner agrees", () => {
    expect(tallyFailed(judge(green, 0, []))).toBe(false);
  });

  test("fails when no test ran, or all were skipped", () => {
    expect(judge({ results: [], troubles: [] }, 0, []).troubles).toEqual(["No test ran."]);
    expect(judge({ results: [result("skipped")], troubles: [] }, 0, []).troubles).toEqual(["No test ran."]);
  });

  test("fails when a promise has no proof", () => {
    expect(tallyFailed(judge(green, 0, ["MEM-1 is marked done, but no passing test names it."]))).toBe(true);
  });

  test("fails when the runner failed although every test passed", () => {
    expect(tallyFailed(judge(green, 1, []))).toBe(true);
    expect(tallyFailed(judge(green, null, []))).toBe(true);
  });

  test("does not count the runner's status on top of a failed test", () => {
    expect(tallyLine(judge({ results: [result("failed")], troubles: [] }, 1, []))).toBe("0 passed, 1 failed");
  });
});
