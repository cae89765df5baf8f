import type { TestResult } from "../../spec/check.ts";

/** Name of the variable that tells the reporter where to leave its tally. */
export const tallyVariable = "CAIRN_TEST_TALLY";

/** What a run of the tests came to, as the reporter leaves it for the process that started it. */
export interface Tally {
  readonly results: readonly TestResult[];
  /** What went wrong outside of any test: a file that does not load, an error that nobody caught. */
  readonly troubles: readonly string[];
}

/** The line that people and CI read last. */
export const tallyLine = (tally: Tally): string => {
  const count = (state: TestResult["state"]): number => tally.results.filter((result) => result.state === state).length;
  const skipped = count("skipped");
  const failed = count("failed") + tally.troubles.length;
  return `${count("passed")} passed, ${failed} failed${skipped === 0 ? "" : `, ${skipped} skipped`}`;
};

export const tallyFailed = (tally: Tally): boolean =>
  tally.troubles.length > 0 || tally.results.some((result) => result.state === "failed");

/**
 * The tally with all that makes a run worthless: promises without proof, and the ways in which a test runner can fail
 * although no test did, such as a filter that matches no file. `status` is the runner's exit status.
 */
export const judge = (tally: Tally, status: number | null, broken: readonly string[]): Tally => {
  const ran = tally.results.some((result) => result.state !== "skipped");
  const explained = tallyFailed(tally) || !ran;
  const troubles = [
    ...tally.troubles,
    ...broken,
    ...(ran || tallyFailed(tally) ? [] : ["No test ran."]),
    ...(status === 0 || explained ? [] : [`The test runner ended with status ${status}.`]),
  ];
  return { results: tally.results, troubles };
};
