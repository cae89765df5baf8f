/** A run's scores question by question in a file, so that another run on the same questions can be compared with it. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { CairnError } from "@cairn/kernel/error";
import type { QuestionScore } from "./ask.ts";

export interface RecallReport {
  readonly set: string;
  readonly embedder: string | null;
  readonly limit: number;
  /** Options that change figures, to be read. */
  readonly options: Readonly<Record<string, string | number | boolean | null>>;
  readonly questions: readonly QuestionScore[];
}

export const writeRecallReport = (file: string, report: RecallReport): void => {
  writeFileSync(file, `${JSON.stringify(report)}\n`);
};

/** Throws `import.invalid` when the file is none of `--json`. */
export const readRecallReport = (file: string): RecallReport => {
  const hint = "Name two files that `npm run bench -- recall --json FILE` wrote.";
  if (!existsSync(file)) throw new CairnError("import.invalid", `There is no file ${file}. ${hint}`, { hint });
  try {
    const report = JSON.parse(readFileSync(file, "utf8")) as RecallReport;
    if (report.questions.every(({ id, recall }) => typeof id === "string" && typeof recall === "number")) return report;
  } catch {}
  throw new CairnError("import.invalid", `${file} holds no scores of questions. ${hint}`, { hint });
};
