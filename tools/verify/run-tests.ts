import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { brokenPromises } from "../../spec/check.ts";
import { requirements } from "../../spec/requirements.ts";
import { judge, type Tally, tallyVariable } from "./tally.ts";

const root = join(import.meta.dirname, "..", "..");
const vitest = join(root, "node_modules", "vitest", "vitest.mjs");
const reporter = join(import.meta.dirname, "tally-reporter.ts");

const readTally = (file: string, status: number | null): Tally => {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as Tally;
  } catch {
    return { results: [], troubles: [`The test runner ended (status ${status}) without a result.`] };
  }
};

/**
 * Runs the tests under this very Node and holds them against spec/requirements.ts.
 *
 * `args` go to Vitest; with any, only a part of the tests may run, and missing proofs are not held against it.
 * `say` receives what Vitest prints; without it, Vitest prints for itself.
 */
export const runTests = async (args: readonly string[], say?: (text: string) => void): Promise<Tally> => {
  const folder = mkdtempSync(join(tmpdir(), "cairn-tally-"));
  const file = join(folder, "tally.json");
  try {
    const status = await new Promise<number | null>((resolve, reject) => {
      const child = spawn(process.execPath, [vitest, "run", "--reporter=default", `--reporter=${reporter}`, ...args], {
        cwd: root,
        env: { ...process.env, [tallyVariable]: file },
        stdio: say === undefined ? ["ignore", "inherit", "inherit"] : ["ignore", "pipe", "pipe"],
      });
      for (const stream of [child.stdout, child.stderr]) stream?.setEncoding("utf8").on("data", say ?? (() => {}));
      child.on("error", reject).on("close", resolve);
    });
    const tally = readTally(file, status);
    return judge(tally, status, brokenPromises(requirements, tally.results, args.length === 0));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};
