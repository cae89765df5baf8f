/**
 * Cairn's own export, as JSON Lines, so that it can be written and read as a stream of any length:
 *
 *   {"format":"cairn-export","version":1,"space":…,"exported_at":…,"embedding":{…}|null,"counts":{…}}
 *   {"type":"memory",…}  {"type":"change",…}  {"type":"session_message",…}  {"type":"vector",…}   one a line
 *   {"type":"end","count":<records>,"sha256":<of all lines before, each with its newline>}
 *
 * The last line tells a whole file from one that was cut off or altered. Records of a type that this version does
 * not know are counted, reported and passed over; a higher `version` is refused.
 */
import { createHash } from "node:crypto";
import { CairnError } from "@cairn/kernel/error";
import { type Millis, toRfc3339 } from "@cairn/kernel/clock";
import type { JsonObject } from "../memory/memory.ts";
import type { ImportProblem } from "./draft.ts";
import { importTime } from "./import-time.ts";
import { parseLine } from "./jsonl.ts";
import { linesOf, type NumberedLine } from "./lines.ts";
import { type BundledMemory, isJsonObject, memoryFromJson, memoryToJson } from "./memory-json.ts";
import { decodeVector, encodeVector } from "./vector-text.ts";

export interface CairnManifest {
  readonly space: string;
  readonly exportedAt: Millis;
  readonly embedding: { readonly model: string; readonly dimensions: number } | null;
  /** How many records of each type to expect, for progress; not relied on. */
  readonly counts: Readonly<Record<string, number>>;
}

export type CairnRecord =
  | { readonly type: "memory"; readonly memory: BundledMemory }
  | { readonly type: "change"; readonly change: JsonObject }
  | { readonly type: "session_message"; readonly message: JsonObject }
  /** One chunk's vector of the memory `id`, under the manifest's model. */
  | { readonly type: "vector"; readonly id: string; readonly chunk: number; readonly values: Float32Array };

const version = 1;
const digest = () => createHash("sha256");

const recordToJson = (record: CairnRecord): JsonObject => {
  switch (record.type) {
    case "memory":
      return { type: "memory", ...memoryToJson(record.memory) };
    case "change":
      return { ...record.change, type: "change" };
    case "session_message":
      return { ...record.message, type: "session_message" };
    case "vector":
      return { type: "vector", id: record.id, chunk: record.chunk, f32: encodeVector(record.values) };
  }
};

export interface CairnWriter {
  /** The first line; each line comes with its newline. */
  readonly start: (manifest: CairnManifest) => string;
  readonly record: (record: CairnRecord) => string;
  readonly end: () => string;
}

export const makeCairnWriter = (): CairnWriter => {
  const hash = digest();
  let count = 0;
  const line = (value: JsonObject): string => {
    const text = `${JSON.stringify(value)}\n`;
    hash.update(text);
    return text;
  };
  return {
    start: ({ space, exportedAt, embedding, counts }) =>
      line({ format: "cairn-export", version, space, exported_at: toRfc3339(exportedAt), embedding, counts }),
    record: (record) => {
      count += 1;
      return line(recordToJson(record));
    },
    end: () => `${JSON.stringify({ type: "end", count, sha256: hash.digest("hex") })}\n`,
  };
};

export type CairnLine =
  | { readonly kind: "manifest"; readonly manifest: CairnManifest }
  | { readonly kind: "record"; readonly record: CairnRecord }
  | { readonly kind: "problem"; readonly problem: ImportProblem }
  | { readonly kind: "end" };

export interface CairnReader {
  /** Reads the next line. Throws "import.invalid" when the file is not one to go on with. */
  readonly line: (line: NumberedLine) => CairnLine;
  /** To be called after the last line. Throws "import.invalid" when the end is missing. */
  readonly finish: () => void;
}

const refuse = (message: string, hint?: string): CairnError =>
  new CairnError("import.invalid", message, hint === undefined ? {} : { hint });

const exportAgain = "Export it again, and copy it as a binary file.";

const readEmbedding = (value: unknown): CairnManifest["embedding"] | undefined => {
  if (value === null) return null;
  const { model, dimensions } = isJsonObject(value) ? value : {};
  return typeof model === "string" && typeof dimensions === "number" ? { model, dimensions } : undefined;
};

const readManifest = (value: unknown): CairnManifest => {
  if (!isJsonObject(value) || value["format"] !== "cairn-export") throw refuse("Line 1: this is not a Cairn export.");
  if (typeof value["version"] !== "number" || value["version"] > version) {
    throw refuse(
      `Line 1: this export has version ${JSON.stringify(value["version"])}; this Cairn reads ${version}.`,
      "Update Cairn.",
    );
  }
  const { space, counts } = value;
  const exportedAt = importTime(value["exported_at"]);
  const embedding = readEmbedding(value["embedding"]);
  if (typeof space !== "string" || exportedAt === null || embedding === undefined) {
    throw refuse("Line 1: the export's first line lacks space, exported_at or embedding.");
  }
  return {
    space,
    exportedAt,
    embedding,
    counts: Object.fromEntries(
      Object.entries(isJsonObject(counts) ? counts : {}).filter(
        (pair): pair is [string, number] => typeof pair[1] === "number",
      ),
    ),
  };
};

const readRecord = (value: JsonObject, manifest: CairnManifest): CairnRecord | { readonly fault: string } => {
  const { type, ...rest } = value;
  switch (typeof type === "string" ? type : "") {
    case "memory": {
      const reading = memoryFromJson(rest);
      if (reading.ok) return { type: "memory", memory: reading.value };
      return { fault: reading.faults.map((fault) => fault.message).join(" ") };
    }
    case "change":
      return { type: "change", change: rest };
    case "session_message":
      return { type: "session_message", message: rest };
    case "vector": {
      const { id, chunk, f32 } = rest;
      const values = typeof f32 === "string" ? decodeVector(f32) : null;
      const fits = values !== null && values.length === manifest.embedding?.dimensions;
      if (typeof id !== "string" || typeof chunk !== "number" || !fits) return { fault: "this vector does not fit." };
      return { type: "vector", id, chunk, values };
    }
    default:
      return { fault: "records of this type are not known to this version; passed over." };
  }
};

export const makeCairnReader = (): CairnReader => {
  const hash = digest();
  let manifest: CairnManifest | null = null;
  let count = 0;
  let ended = false;

  const checkEnd = (value: JsonObject, number: number): void => {
    if (value["count"] !== count) {
      throw refuse(
        `Line ${number}: the export says ${JSON.stringify(value["count"])} records, but has ${count}.`,
        exportAgain,
      );
    }
    if (value["sha256"] !== hash.digest("hex"))
      throw refuse("The export was altered since it was written.", exportAgain);
    ended = true;
  };

  return {
    line: (line) => {
      const { number, text } = line;
      if (ended) {
        if (text?.trim() === "") return { kind: "end" };
        throw refuse(`Line ${number}: there is more text after the export's end.`, exportAgain);
      }
      const parsed = parseLine(line);
      if (manifest === null) {
        manifest = readManifest("value" in parsed ? parsed.value : null);
        hash.update(`${text ?? ""}\n`);
        return { kind: "manifest", manifest };
      }
      const problem = (message: string, id: unknown = null): CairnLine => ({
        kind: "problem",
        problem: { where: `line ${number}`, id: typeof id === "string" ? id : null, message },
      });
      const value = "value" in parsed ? parsed.value : null;
      if (isJsonObject(value) && value["type"] === "end") {
        checkEnd(value, number);
        return { kind: "end" };
      }
      count += 1;
      hash.update(`${text ?? ""}\n`);
      if ("fault" in parsed) return problem(parsed.fault);
      if (!isJsonObject(value)) return problem("a JSON object was expected.");
      const record = readRecord(value, manifest);
      return "fault" in record ? problem(record.fault, value["id"]) : { kind: "record", record };
    },
    finish: () => {
      if (manifest === null) throw refuse("The file is empty.");
      if (!ended) throw refuse("The export is cut off: its last line is missing.", exportAgain);
    },
  };
};

export interface CairnBundle {
  readonly manifest: CairnManifest;
  readonly records: readonly CairnRecord[];
  readonly problems: readonly ImportProblem[];
}

/** Reads a whole export at once. Throws "import.invalid" when it is none, is cut off, or was altered. */
export const parseCairnBundle = (text: string): CairnBundle => {
  const reader = makeCairnReader();
  const results = linesOf(text).map((line) => reader.line(line));
  reader.finish();
  const manifest = results.find((result) => result.kind === "manifest")?.manifest;
  if (manifest === undefined) throw refuse("The file is empty.");
  return {
    manifest,
    records: results.flatMap((result) => (result.kind === "record" ? [result.record] : [])),
    problems: results.flatMap((result) => (result.kind === "problem" ? [result.problem] : [])),
  };
};

/** A whole export at once. */
export const buildCairnBundle = (manifest: CairnManifest, records: Iterable<CairnRecord>): string => {
  const writer = makeCairnWriter();
  const lines = [writer.start(manifest)];
  for (const record of records) lines.push(writer.record(record));
  lines.push(writer.end());
  return lines.join("");
};
