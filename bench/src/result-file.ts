/**
 * Results that are kept: one small file a benchmark in `bench/results`, with the machine and the versions it ran on.
 * `npm run bench -- report` makes `docs/benchmarks.md` of them. Rows are records under the headings of their table,
 * so that the page needs to know nothing about any one benchmark.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { arch, cpus, release, totalmem, type } from "node:os";
import { join } from "node:path";

export interface Machine {
  readonly cores: number;
  readonly processor: string;
  readonly memoryGb: number;
  readonly system: string;
  readonly node: string;
}

export type Cell = string | number | null;
export type Row = Readonly<Record<string, Cell>>;

export interface ResultTable {
  readonly title: string;
  /** All with the same headings, in the order of the columns; numbers with the digits they are to be shown with. */
  readonly rows: readonly Row[];
  /** Sentences under the table. */
  readonly notes?: readonly string[];
}

export interface Result {
  /** Which benchmark, such as recall. */
  readonly bench: string;
  /** File name without extension; a later run of the same name replaces it. */
  readonly name: string;
  /** What was typed after `npm run bench --`. */
  readonly command: string;
  /** The day it ran, such as 2026-11-21. */
  readonly date: string;
  readonly machine: Machine;
  readonly versions: Readonly<Record<string, string>>;
  readonly tables: readonly ResultTable[];
}

const ownFolder = join(import.meta.dirname, "../results");

export const thisMachine = (): Machine => ({
  cores: cpus().length,
  processor: cpus()[0]?.model.trim() ?? "unknown",
  memoryGb: Math.round(totalmem() / 1024 ** 3),
  system: `${type()} ${release().replace(/[-+].*$/, "")} ${arch()}`,
  node: process.versions.node,
});

export const cairnVersion = (): string => {
  const manifest = readFileSync(join(import.meta.dirname, "../../package.json"), "utf8");
  return (JSON.parse(manifest) as { version: string }).version;
};

const mostColumns = 120;

/** JSON as the project's formatter has it: lists of texts on one line where they fit. */
const formatted = (result: Result): string =>
  JSON.stringify(result, null, 2).replaceAll(
    /^(.*)\[\n((?: *"(?:[^"\\]|\\.)*",?\n)+) *\](,?)$/gm,
    (whole: string, before: string, texts: string, after: string) => {
      const line = `${before}[${texts.trim().replaceAll(/\n */g, " ")}]${after}`;
      return line.length <= mostColumns ? line : whole;
    },
  );

const today = (): string => new Date().toISOString().slice(0, 10);

/** Keeps a result; `versions` are those of what else was measured. */
export const writeResult = (
  given: Pick<Result, "bench" | "name" | "command" | "tables"> & Partial<Pick<Result, "versions">>,
  folder: string = ownFolder,
): void => {
  const { bench, name, command, tables, versions = {} } = given;
  const result: Result = {
    bench,
    name,
    command,
    date: today(),
    machine: thisMachine(),
    versions: { cairn: cairnVersion(), ...versions },
    tables,
  };
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${name}.json`), `${formatted(result)}\n`);
  if (folder === ownFolder)
    console.log(`Kept in bench/results/${name}.json; \`npm run bench -- report\` puts it on the page.`);
};

/** In order of their names. */
export const readResults = (folder: string = ownFolder): readonly Result[] =>
  readdirSync(folder)
    .filter((name) => name.endsWith(".json"))
    .sort()
    .map((name) => JSON.parse(readFileSync(join(folder, name), "utf8")) as Result);
