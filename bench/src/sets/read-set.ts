/**
 * Reads an evaluation set, whichever of these it is; `docs/benchmarks.md` shows them to users.
 *
 * - LoCoMo's JSON.
 * - JSON lines, in any order: `{"type":"document","id","text"}` with `author`, `occurred_at`, `session_id`,
 *   `session_seq`, `space` where known, and `{"type":"query","text","gold":[ids]}` with `id`, `category`, `split`,
 *   `space` where known. A JSON array of the same, or an object with `documents` and `queries`, will do as well.
 * - A folder with `corpus.jsonl`, `queries.jsonl` and `qrels.tsv` or `qrels/test.tsv` (the layout of BEIR), or with
 *   files of JSON lines as above.
 */
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { assembleSet } from "./assemble.ts";
import { isLocomo, locomoSet } from "./locomo.ts";
import { readRecord, type SetRecord, splitNamed } from "./record.ts";
import { asPlain, type EvalSet, invalidAt } from "./set.ts";

const readLines = (text: string, name: string, kind?: SetRecord["kind"]): readonly SetRecord[] => {
  const records: SetRecord[] = [];
  for (const [index, line] of text.split("\n").entries()) {
    if (line.trim() === "") continue;
    const place = `${name} line ${index + 1}`;
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch {
      throw invalidAt(place, "not JSON", "Each line is one JSON object.");
    }
    records.push(readRecord(value, place, kind));
  }
  return records;
};

/** `query-id <tab> corpus-id <tab> score` under a line of headings, or TREC's four columns. */
const readJudgements = (file: string, name: string): readonly SetRecord[] => {
  const records: SetRecord[] = [];
  const split = splitNamed(basename(file).replace(/\.\w+$/, ""));
  for (const [index, line] of readFileSync(file, "utf8").split("\n").entries()) {
    if (line.trim() === "") continue;
    const place = `${name} line ${index + 1}`;
    const cells = line.trim().split(line.includes("\t") ? "\t" : /\s+/);
    const [query, document, score] = cells.length === 4 ? [cells[0], cells[2], cells[3]] : cells;
    if (index === 0 && Number.isNaN(Number(score))) continue;
    const grade = Number(score);
    if (query === undefined || document === undefined || score === undefined || Number.isNaN(grade)) {
      throw invalidAt(place, "not a judgement", "It reads: query id, document id, grade, with tabs between.");
    }
    records.push({ kind: "judgement", place, query, document, grade, split });
  }
  return records;
};

const existing = (folder: string, names: readonly string[]): readonly string[] =>
  names.filter((name) => existsSync(join(folder, name)));

const judgementFiles = (folder: string): readonly string[] => {
  const inFolder = existing(folder, ["qrels/dev.tsv", "qrels/test.tsv"]);
  if (inFolder.length > 0) return inFolder;
  return existing(folder, ["qrels.tsv", "qrels.txt", "test.tsv", "qrels/train.tsv"]).slice(0, 1);
};

const folderKinds: Readonly<Record<string, SetRecord["kind"]>> = {
  "corpus.jsonl": "document",
  "documents.jsonl": "document",
  "docs.jsonl": "document",
  "queries.jsonl": "query",
  "questions.jsonl": "query",
  "qrels.jsonl": "judgement",
};

const readFolder = (folder: string): readonly SetRecord[] => {
  const files = readdirSync(folder).filter((name) => name.endsWith(".jsonl"));
  if (files.length === 0) {
    throw invalidAt(folder, "no *.jsonl in this folder", "It needs corpus.jsonl, queries.jsonl and qrels.tsv.");
  }
  return [
    ...files.sort().flatMap((name) => readLines(readFileSync(join(folder, name), "utf8"), name, folderKinds[name])),
    ...judgementFiles(folder).flatMap((name) => readJudgements(join(folder, name), name)),
  ];
};

const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const listed = (value: unknown, name: string, kind?: SetRecord["kind"]): readonly SetRecord[] =>
  Array.isArray(value) ? value.map((one: unknown, at) => readRecord(one, `${name} record ${at + 1}`, kind)) : [];

const recordsIn = (value: object, name: string): readonly SetRecord[] => {
  if (Array.isArray(value)) return listed(value, name);
  const fields = value as Readonly<Record<string, unknown>>;
  return [
    ...listed(fields["documents"] ?? fields["memories"] ?? fields["corpus"], `${name} documents`, "document"),
    ...listed(fields["queries"] ?? fields["questions"], `${name} queries`, "query"),
  ];
};

const isWhole = (value: unknown): value is object =>
  Array.isArray(value) || (typeof value === "object" && value !== null && ("queries" in value || "questions" in value));

/** `text` is the whole of a file; `name` stands in errors. */
export const readSetText = (text: string, name: string): EvalSet => {
  // A file of lines is not parsed twice: only what ends as one value is tried as such.
  const whole = /^\s*[[{]/.test(text) && /[\]}]\s*$/.test(text) ? jsonOf(text) : undefined;
  if (isLocomo(whole)) return locomoSet(whole);
  return assembleSet(isWhole(whole) ? recordsIn(whole, name) : readLines(text, name));
};

/**
 * Throws `import.invalid` naming file and line. `plain` gives everyone one text, "[date] author: text", and nothing
 * else known: neither author nor date nor session.
 */
export const readSet = (path: string, plain = false): EvalSet => {
  const set = statSync(path).isDirectory()
    ? assembleSet(readFolder(path))
    : readSetText(readFileSync(path, "utf8").replace(/^\uFEFF/, ""), basename(path));
  if (set.spaces.length === 0) throw invalidAt(basename(path), "no documents", "It needs documents and queries.");
  return plain ? asPlain(set) : set;
};
