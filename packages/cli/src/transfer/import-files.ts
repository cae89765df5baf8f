/**
 * An import: what the files hold, stored a few hundred memories at a time, so that neither their size nor a full
 * memory matters. Each batch is durable when it is done, and what has come in is recognised by its id or its text, so
 * that an import that was interrupted can simply be run again.
 */
import { isCairnError } from "@cairn/kernel/error";
import type { ImportFormat } from "@cairn/memory/transfer/detect";
import { importMemories } from "@cairn/operations/operations/memories/import";
import { ingestSession } from "@cairn/operations/operations/sessions/ingest";
import type { Local } from "../local/open-local.ts";
import { decodeChunks } from "./decode.ts";
import { type GivenModel, type Item, readDrafts } from "./read-drafts.ts";
import type { Source } from "./sources.ts";

export interface ImportChoices {
  readonly format: ImportFormat | null;
  readonly conflict: "skip" | "overwrite" | "merge";
  readonly dryRun: boolean;
  readonly space?: string;
}

export interface ImportTotals {
  total: number;
  imported: number;
  skipped: number;
  overwritten: number;
  errors: number;
  messages: number;
  /** What could not be taken over, where and why; the first of them. */
  readonly details: string[];
  /** Files that could not be read, or not to their end. */
  failedFiles: number;
}

export interface ImportReport {
  readonly format: (source: Source, format: ImportFormat) => Promise<void>;
  readonly progress: (readBytes: number, totals: ImportTotals) => Promise<void>;
}

const batchSize = 250;
const mostDetails = 20;

type Draft = Extract<Item, { kind: "draft" }>;
type Message = Extract<Item, { kind: "message" }>;

export const importSources = async (
  local: Local,
  sources: readonly Source[],
  choices: ImportChoices,
  report: ImportReport,
  signal: AbortSignal,
): Promise<ImportTotals> => {
  const totals: ImportTotals = {
    total: 0,
    imported: 0,
    skipped: 0,
    overwritten: 0,
    errors: 0,
    messages: 0,
    details: [],
    failedFiles: 0,
  };
  const { space } = choices;
  const where = space === undefined ? {} : { space };
  let readBytes = 0;

  const fault = (text: string): void => {
    if (totals.details.length < mostDetails) totals.details.push(text);
  };

  const storeDrafts = async (source: Source, drafts: readonly Draft[], model: GivenModel | null): Promise<void> => {
    if (drafts.length === 0) return;
    const answer = await local.call(importMemories, {
      drafts: drafts.map(({ draft, vectors }) => ({ ...draft, vectors })),
      ...(model === null ? {} : { embedding: { modelName: model.modelName, dimensions: model.dimensions } }),
      conflictResolution: choices.conflict,
      dryRun: choices.dryRun,
      ...where,
    });
    totals.total += answer.total;
    totals.imported += answer.imported;
    totals.skipped += answer.skipped;
    totals.overwritten += answer.overwritten;
    totals.errors += answer.errors;
    // The operation counts within this batch; people look for the place in their file.
    for (const detail of answer.errorDetails) {
      fault(
        `${source.name}, ${detail.replace(/^(?:drafts\.|memory )(\d+)(?=:)/u, (text, index: string) => drafts[Number(index)]?.where ?? text)}`,
      );
    }
  };

  const storeMessages = async (messages: readonly Message[]): Promise<void> => {
    const sessionId = messages[0]?.sessionId;
    if (sessionId === undefined) return;
    totals.messages += messages.length;
    if (!choices.dryRun)
      await local.call(ingestSession, { sessionId, messages: messages.map(({ message }) => message), ...where });
  };

  const importOne = async (source: Source): Promise<void> => {
    let drafts: Draft[] = [];
    let messages: Message[] = [];
    let model: GivenModel | null = null;
    const flush = async (): Promise<void> => {
      signal.throwIfAborted();
      const [some, said] = [drafts, messages];
      drafts = [];
      messages = [];
      await storeDrafts(source, some, model);
      await storeMessages(said);
      await report.progress(readBytes, totals);
    };
    async function* counted(): AsyncGenerator<Uint8Array> {
      for await (const chunk of source.open()) {
        readBytes += chunk.length;
        yield chunk;
      }
    }
    try {
      for await (const item of readDrafts(decodeChunks(counted(), source.name), source.name, choices.format)) {
        if (item.kind === "format") await report.format(source, item.format);
        if (item.kind === "model") {
          await flush();
          model = item.model;
        }
        if (item.kind === "problem") {
          // A vector that does not fit costs only the vector.
          if (!item.where.endsWith(".embedding")) {
            totals.total += 1;
            totals.errors += 1;
          }
          fault(`${source.name}, ${item.where}: ${item.message}`);
        }
        if (item.kind === "draft") drafts.push(item);
        if (item.kind === "message") {
          if (messages.length > 0 && messages[0]?.sessionId !== item.sessionId) await flush();
          messages.push(item);
        }
        if (drafts.length + messages.length >= batchSize) await flush();
      }
    } finally {
      // What was read before a file broke off is good.
      if (!signal.aborted) await flush();
    }
  };

  for (const source of sources) {
    try {
      signal.throwIfAborted();
      await importOne(source);
    } catch (error) {
      if (signal.aborted) break;
      if (!isCairnError(error) || error.code !== "import.invalid") throw error;
      totals.failedFiles += 1;
      const hint = error.data.hint === undefined ? "" : ` ${error.data.hint}`;
      fault(`${error.message.startsWith(source.name) ? "" : `${source.name}: `}${error.message}${hint}`);
    }
  }
  return totals;
};
