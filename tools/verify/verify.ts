/** `npm run verify`: everything that CI asks of a change, one line a step, details only of what failed. */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { proveLint } from "./prove-lint.ts";
import { runTests } from "./run-tests.ts";
import { tallyFailed, tallyLine } from "./tally.ts";

interface Outcome {
  readonly passed: boolean;
  readonly output: string;
}

interface Step {
  readonly name: string;
  readonly run: () => Promise<Outcome>;
}

const root = join(import.meta.dirname, "..", "..");

/** A tool from node_modules, by the path of its script, under this very Node. */
const tool = (script: string, ...args: readonly string[]): Promise<Outcome> =>
  new Promise((resolve, reject) => {
    const output: string[] = [];
    const child = spawn(process.execPath, [join(root, "node_modules", script), ...args], {
      cwd: root,
      stdio: ["ignore", "pipe", "pipe"],
    });
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => output.push(text));
    }
    child.on("error", reject);
    child.on("close", (status) => resolve({ passed: status === 0, output: output.join("") }));
  });

const provenLint = async (): Promise<Outcome> => {
  const wrong = proveLint();
  return { passed: wrong.length === 0, output: wrong.join("\n") };
};

const steps: readonly Step[] = [
  { name: "format", run: () => tool("oxfmt/bin/oxfmt", "--check", ".") },
  { name: "lint and boundaries", run: () => tool("oxlint/bin/oxlint", "--deny-warnings") },
  { name: "lint reports bad code", run: provenLint },
  { name: "types", run: () => tool("typescript/bin/tsc", "-p", "tsconfig.json", "--pretty", "false") },
  {
    name: "types of account pages",
    run: () => tool("typescript/bin/tsc", "-p", "packages/server/src/account-pages/browser", "--pretty", "false"),
  },
  { name: "unused code", run: () => tool("knip/bin/knip.js", "--no-progress", "--no-config-hints") },
  {
    name: "undeclared dependencies",
    run: () => tool("knip/bin/knip.js", "--no-progress", "--strict", "--include=unlisted,unresolved"),
  },
];

const report = (name: string, passed: boolean, started: number): void => {
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`${passed ? "✓" : "✗"} ${name.padEnd(26)}${seconds.padStart(6)} s`);
};

const runStep = async ({ name, run }: Step): Promise<boolean> => {
  const started = performance.now();
  const { passed, output } = await run();
  report(name, passed, started);
  if (!passed) console.log(output.trimEnd());
  return passed;
};

const begun = performance.now();
const failed: string[] = [];
for (const step of steps) if (!(await runStep(step))) failed.push(step.name);

const output: string[] = [];
const started = performance.now();
const tally = await runTests([], (text) => output.push(text));
report("tests", !tallyFailed(tally), started);
if (tallyFailed(tally)) {
  failed.push("tests");
  console.log([...output, ...tally.troubles].join("\n"));
} else {
  // What could not be tested here is said even though all else passed.
  for (const [skipped] of output.join("").matchAll(/^SKIPPED.*(?:\n {2}\S.*)*/gmu)) console.log(skipped);
}

report(failed.length === 0 ? "all" : `failed: ${failed.join(", ")}`, failed.length === 0, begun);
process.exitCode = failed.length === 0 ? 0 : 1;
console.log(tallyLine(tally));
