/**
 * Lint rules that never fire look just like clean code. This runs the project's own configuration over
 * testing/fixtures/bad, laid out like the repository, and compares what is reported with what each file expects.
 */
import { spawnSync } from "node:child_process";
import { cpSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";

const root = join(import.meta.dirname, "..", "..");
const fixtures = join(root, "testing", "fixtures", "bad");
const oxlint = join(root, "node_modules", "oxlint", "bin", "oxlint");

interface Report {
  readonly diagnostics: readonly { readonly filename: string; readonly code: string }[];
}

/** The type-aware half of oxlint, which it would only look for beside the code it checks. */
const typeAwareLinter = (): string => {
  const suffix = process.platform === "win32" ? ".exe" : "";
  const require = createRequire(join(root, "node_modules", "oxlint-tsgolint", "package.json"));
  return require.resolve(`@oxlint-tsgolint/${process.platform}-${process.arch}/tsgolint${suffix}`);
};

const lint = (folder: string): Report => {
  const { stdout, stderr } = spawnSync(process.execPath, [oxlint, "--format=json"], {
    cwd: folder,
    encoding: "utf8",
    env: { ...process.env, OXLINT_TSGOLINT_PATH: typeAwareLinter() },
  });
  try {
    return JSON.parse(stdout) as Report;
  } catch (cause) {
    throw new Error(`oxlint gave no report: ${stdout}${stderr}`, { cause });
  }
};

const slashes = (path: string): string => path.replaceAll("\\", "/");

const projectRules = (): string => readFileSync(join(root, ".oxlintrc.json"), "utf8");

/** Sentences about each fixture that was not reported as it expects under `rules`; empty when every rule works. */
export const proveLint = (rules: string = projectRules()): readonly string[] => {
  const folder = mkdtempSync(join(tmpdir(), "cairn-lint-"));
  try {
    cpSync(fixtures, folder, { recursive: true });
    writeFileSync(join(folder, ".oxlintrc.json"), rules);
    const { diagnostics } = lint(folder);
    const files = globSync("packages/**/*.ts", { cwd: folder }).map(slashes);
    const wrong = files.flatMap((file) => {
      const expected = /^\/\/ expect: (.+)$/mu.exec(readFileSync(join(folder, file), "utf8"))?.[1] ?? "a first line";
      const codes = diagnostics.filter(({ filename }) => slashes(filename).endsWith(file)).map(({ code }) => code);
      const reported = codes.length === 0 ? "nothing" : codes.join(", ");
      return codes.includes(expected) || reported === expected
        ? []
        : [`testing/fixtures/bad/${file} must be reported as ${expected}, not as ${reported}.`];
    });
    return files.length === 0 ? ["testing/fixtures/bad is empty."] : wrong;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

if (import.meta.main) {
  const wrong = proveLint();
  for (const line of wrong) console.error(line);
  process.exitCode = wrong.length === 0 ? 0 : 1;
}
