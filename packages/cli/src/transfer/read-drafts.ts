/**
 * Any file that can be imported, as a stream of what is in it. Only Markdown is read as a whole, because a heading
 * far above decides what a line means.
 */
import { CairnError } from "@cairn/kernel/error";
import { type CairnRecord, makeCairnReader } from "@cairn/memory/transfer/cairn-bundle";
import { detectCharacters, detectFormat, type ImportFormat } from "@cairn/memory/transfer/detect";
import type { ImportDraft } from "@cairn/memory/transfer/draft";
import { readJsonLine } from "@cairn/memory/transfer/jsonl";
import { makeLineSplitter, type NumberedLine } from "@cairn/memory/transfer/lines";
import { readMarkdown } from "@cairn/memory/transfer/markdown";
import { readTribalBundle } from "@cairn/memory/transfer/tribal-bundle";
import { makeBundleScanner } from "./bundle-scanner.ts";

export interface GivenModel {
  readonly modelName: string;
  readonly dimensions: number;
}

export type Item =
  | { readonly kind: "format"; readonly format: ImportFormat }
  /** The model of the vectors that follow. */
  | { readonly kind: "model"; readonly model: GivenModel | null }
  | {
      readonly kind: "draft";
      readonly draft: ImportDraft;
      readonly where: string;
      readonly vectors: readonly ArrayLike<number>[];
    }
  | { readonly kind: "message"; readonly sessionId: string; readonly message: Readonly<Record<string, unknown>> }
  | { readonly kind: "problem"; readonly where: string; readonly message: string };

type Chunks = AsyncIterable<string>;

const mostMarkdownCharacters = 64_000_000;

/** The beginning of a text, and the whole of it again. */
const withHead = async (chunks: Chunks): Promise<{ readonly head: string; readonly all: Chunks }> => {
  const iterator = chunks[Symbol.asyncIterator]();
  let head = "";
  while (head.length < detectCharacters) {
    const next = await iterator.next();
    if (next.done === true) break;
    head += next.value;
  }
  async function* all(): AsyncGenerator<string> {
    yield head;
    for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) yield next.value;
  }
  return { head, all: all() };
};

async function* linesOf(chunks: Chunks): AsyncGenerator<NumberedLine> {
  const splitter = makeLineSplitter();
  for await (const chunk of chunks) yield* splitter.push(chunk);
  yield* splitter.end();
}

async function* jsonLines(chunks: Chunks): AsyncGenerator<Item> {
  for await (const line of linesOf(chunks)) {
    const read = readJsonLine(line);
    if (read.kind === "draft") yield { kind: "draft", draft: read.draft, where: `line ${line.number}`, vectors: [] };
    if (read.kind === "problem") yield { kind: "problem", where: read.problem.where, message: read.problem.message };
  }
}

async function* cairnExport(chunks: Chunks): AsyncGenerator<Item> {
  const reader = makeCairnReader();
  let waiting: { readonly draft: ImportDraft; readonly where: string; readonly vectors: Float32Array[] } | null = null;
  const take = (record: CairnRecord, where: string): readonly Item[] => {
    // A memory's vectors come right after it.
    if (record.type === "vector" && record.id === waiting?.draft.id) waiting.vectors.push(record.values);
    if (record.type === "session_message") {
      const { session_id: sessionId, ...message } = record.message;
      return typeof sessionId === "string"
        ? [{ kind: "message", sessionId, message }]
        : [{ kind: "problem", where, message: "session_id is missing." }];
    }
    if (record.type !== "memory") return [];
    const before = waiting;
    waiting = { draft: record.memory, where, vectors: [] };
    return before === null ? [] : [{ kind: "draft", ...before }];
  };
  for await (const line of linesOf(chunks)) {
    const read = reader.line(line);
    if (read.kind === "manifest") {
      const { embedding } = read.manifest;
      yield { kind: "model", model: embedding && { modelName: embedding.model, dimensions: embedding.dimensions } };
    }
    if (read.kind === "problem") yield { kind: "problem", where: read.problem.where, message: read.problem.message };
    if (read.kind === "record") yield* take(read.record, `line ${line.number}`);
  }
  if (waiting !== null)
    yield { kind: "draft", ...(waiting as { draft: ImportDraft; where: string; vectors: Float32Array[] }) };
  reader.finish();
}

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

async function* tribalBundle(chunks: Chunks): AsyncGenerator<Item> {
  const scanner = makeBundleScanner();
  // Until the manifest comes, and should it come last, vectors are of no known model.
  let manifest: unknown = null;
  for await (const chunk of chunks) {
    for (const part of scanner.push(chunk)) {
      const value = part.text === null ? undefined : parsed(part.text);
      if (part.kind === "manifest") {
        const { embedding } = readTribalBundle({ manifest: value, entries: [] });
        manifest = value;
        yield { kind: "model", model: embedding };
        continue;
      }
      const where = `entries.${part.index}`;
      if (value === undefined) {
        yield {
          kind: "problem",
          where,
          message: part.text === null ? "the entry is too long." : "this is not valid JSON.",
        };
        continue;
      }
      const bundle = readTribalBundle({ manifest: manifest ?? { schema_version: "1.0" }, entries: [value] });
      for (const { where: inside, message } of bundle.problems)
        yield { kind: "problem", where: inside.replace(/^entries\.0/u, where), message };
      for (const { draft, vector } of bundle.entries)
        yield { kind: "draft", draft, where, vectors: vector === null ? [] : [vector] };
    }
  }
  const hint = "Export it again and compare the sizes.";
  if (!scanner.complete()) throw new CairnError("import.invalid", "The bundle is cut off.", { hint });
  if (manifest === null) throw new CairnError("import.invalid", "The bundle has no manifest.", { hint });
}

async function* markdown(chunks: Chunks, name: string): AsyncGenerator<Item> {
  let text = "";
  for await (const chunk of chunks) {
    text += chunk;
    if (text.length > mostMarkdownCharacters)
      throw new CairnError("import.invalid", `${name} is too large for Markdown.`);
  }
  for (const [index, draft] of readMarkdown(text, { fileName: name }).entries()) {
    yield { kind: "draft", draft, where: `memory ${index + 1}`, vectors: [] };
  }
}

/** `format` null: found out from the text and the name. Throws import.invalid for what is no import or is cut off. */
export async function* readDrafts(chunks: Chunks, name: string, format: ImportFormat | null): AsyncGenerator<Item> {
  const { head, all } = await withHead(chunks);
  const found = format ?? detectFormat(name, head);
  if (found === null) {
    throw new CairnError(
      "import.invalid",
      `${name} is neither an export of Cairn or TribalMemory, nor JSONL, nor Markdown.`,
      {
        hint: "Name the format with --format.",
      },
    );
  }
  yield { kind: "format", format: found };
  switch (found) {
    case "cairn-export":
      return yield* cairnExport(all);
    case "tribal-bundle":
      return yield* tribalBundle(all);
    case "jsonl":
      return yield* jsonLines(all);
    case "markdown":
      return yield* markdown(all, name);
  }
}
