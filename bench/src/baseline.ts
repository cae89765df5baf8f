/** Committed figures that a benchmark is held against. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export type Figures = Readonly<Record<string, number>>;

const fileOf = (name: string): string => join(import.meta.dirname, "../baselines", `${name}.json`);

export const readBaseline = (name: string): Figures | null =>
  existsSync(fileOf(name)) ? (JSON.parse(readFileSync(fileOf(name), "utf8")) as Figures) : null;

export const writeBaseline = (name: string, figures: Figures): void => {
  writeFileSync(fileOf(name), `${JSON.stringify(figures, null, 2)}\n`);
  console.log(`Wrote the baseline ${name}.`);
};

/** Prints what got worse; true when nothing did. */
export const compare = (
  name: string,
  figures: Figures,
  baseline: Figures | null,
  good: (was: number, is: number) => boolean,
): boolean => {
  if (baseline === null) {
    console.log(`There is no baseline ${name}; run again with --update to write one.`);
    return true;
  }
  const worse = Object.entries(baseline).filter(([key, was]) => !good(was, figures[key] ?? Number.NaN));
  for (const [key, was] of worse) console.log(`WORSE: ${key} was ${was}, is ${figures[key] ?? "missing"}`);
  if (worse.length === 0) console.log(`No worse than the baseline ${name}.`);
  return worse.length === 0;
};
