import { writeFileSync } from "node:fs";
import type { Reporter, TestCase, TestModule } from "vitest/node";
import type { TestResult } from "../../spec/check.ts";
import { type Tally, tallyVariable } from "./tally.ts";

const stateOf = (test: TestCase): TestResult["state"] => {
  const { state } = test.result();
  return state === "passed" || state === "failed" ? state : "skipped";
};

const resultsOf = (module: TestModule): readonly TestResult[] =>
  Array.from(module.children.allTests(), (test) => ({
    file: module.relativeModuleId,
    title: test.fullName,
    state: stateOf(test),
  }));

/** A file or a group that failed before or after its tests. */
const troublesOf = (module: TestModule): readonly string[] =>
  [module, ...module.children.allSuites()].flatMap((owner) =>
    owner.errors().map((error) => `${module.relativeModuleId}: ${error.message}`),
  );

const tallyReporter: Reporter = {
  onTestRunEnd(modules, errors) {
    const tally: Tally = {
      results: modules.flatMap(resultsOf),
      troubles: [...modules.flatMap(troublesOf), ...errors.map((error) => error.message)],
    };
    const file = process.env[tallyVariable];
    if (file !== undefined) writeFileSync(file, JSON.stringify(tally));
  },
};

/** Vitest calls the default export with `new`. */
// oxlint-disable-next-line import/no-default-export -- see above
export default function makeTallyReporter(): Reporter {
  return tallyReporter;
}
