/** `npm run bench -- report`: writes `docs/benchmarks.md` from the results that are kept in `bench/results`. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { readResults } from "../result-file.ts";
import { renderPage } from "./page.ts";

export const pageFile = join(import.meta.dirname, "../../../docs/benchmarks.md");

export const benchReport = (): boolean => {
  const results = readResults();
  writeFileSync(pageFile, renderPage(results));
  console.log(`Wrote docs/benchmarks.md from ${results.length} results.`);
  return true;
};
