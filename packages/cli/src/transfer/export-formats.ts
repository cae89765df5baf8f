/** What each export format looks like; all of them are written as a stream. */
import { makeCairnWriter } from "@cairn/memory/transfer/cairn-bundle";
import { memoryFromJson } from "@cairn/memory/transfer/memory-json";
import { tribalManifest } from "@cairn/memory/transfer/tribal-bundle";
import { readStats } from "@cairn/operations/operations/stats/read";
import type { ShownMemory } from "@cairn/operations/schemas/memory";
import { toWire } from "@cairn/operations/wire";
import type { Local } from "../local/open-local.ts";
import { allMessages, countEntries, entryPages, type ExportFilters, wholeMemories } from "./export-pages.ts";

export type ExportFormat = "cairn" | "tribal" | "markdown" | "jsonl";

export interface ExportWork {
  readonly local: Local;
  readonly filters: ExportFilters;
  readonly signal: AbortSignal;
  readonly write: (text: string) => Promise<void>;
  /** Told how many memories are written. */
  readonly progress: (count: number, total: number | null) => Promise<void>;
}

const progressEvery = 100;

const cairn = async ({ local, filters, signal, write, progress }: ExportWork): Promise<number> => {
  const writer = makeCairnWriter();
  const { model } = local.services.embedder;
  const { tags, dateFrom, dateTo, space } = filters;
  const isWhole = tags === undefined && dateFrom === undefined && dateTo === undefined;
  const stats = await local.call(readStats, space === undefined ? {} : { space });
  const total = isWhole ? stats.totalMemories : null;
  await write(
    writer.start({
      space: space ?? "default",
      exportedAt: local.services.clock(),
      embedding: { model: model.id, dimensions: model.dimensions },
      counts: total === null ? {} : { memory: total },
    }),
  );
  let count = 0;
  for await (const { memory, vector } of wholeMemories(local, filters, signal)) {
    const read = memoryFromJson(toWire(memory) as Parameters<typeof memoryFromJson>[0]);
    if (!read.ok) throw new Error("A memory is not as the export format has it.");
    await write(writer.record({ type: "memory", memory: read.value }));
    if (vector !== null)
      await write(writer.record({ type: "vector", id: memory.id, chunk: 0, values: Float32Array.from(vector) }));
    count += 1;
    if (count % progressEvery === 0) await progress(count, total);
  }
  if (isWhole) {
    for await (const message of allMessages(local, space, signal))
      await write(writer.record({ type: "session_message", message }));
  }
  await write(writer.end());
  return count;
};

const tribal = async ({ local, filters, signal, write, progress }: ExportWork): Promise<number> => {
  const { model } = local.services.embedder;
  const total = await countEntries(local, filters, signal);
  const embedding = { modelName: model.id, dimensions: model.dimensions, provider: model.provider };
  const manifest = tribalManifest(embedding, total, local.services.clock());
  await write(`{"manifest":${JSON.stringify(manifest)},"entries":[`);
  let count = 0;
  for await (const { entries } of entryPages(local, filters, signal)) {
    // What came in since it was counted is left to the next export.
    for (const entry of entries.slice(0, total - count)) {
      await write(`${count === 0 ? "\n" : ",\n"}${JSON.stringify(entry)}`);
      count += 1;
    }
    await progress(count, total);
  }
  await write("\n]}\n");
  return count;
};

const jsonl = async ({ local, filters, signal, write, progress }: ExportWork): Promise<number> => {
  let count = 0;
  for await (const { memory } of wholeMemories(local, filters, signal)) {
    await write(`${JSON.stringify(toWire(memory))}\n`);
    count += 1;
    if (count % progressEvery === 0) await progress(count, null);
  }
  return count;
};

/** What the text itself does not say goes into a comment, which imports and readers pass over. */
const comment = (memory: ShownMemory): string => {
  const { id, key, category, entity, tags, author } = memory;
  const known = Object.entries({ id, key, category, entity, tags, author }).filter(
    ([, value]) => value !== null && !(Array.isArray(value) && value.length === 0),
  );
  // "--" would end a comment, or make it invalid.
  return `<!-- ${JSON.stringify(Object.fromEntries(known)).replaceAll("--", String.raw`-\u002d`)} -->`;
};

const dayOf = ({ occurredAt, createdAt }: ShownMemory): string => (occurredAt ?? createdAt).slice(0, 10);

const markdown = async ({ local, filters, signal, write, progress }: ExportWork): Promise<number> => {
  let day = "";
  let count = 0;
  await write("# Memories\n");
  for await (const { memory } of wholeMemories(local, filters, signal)) {
    const own = dayOf(memory);
    if (own !== day) await write(`\n## ${own}\n\n`);
    day = own;
    await write(`- ${memory.content.replaceAll(/\r?\n/gu, "\n  ")} ${comment(memory)}\n`);
    count += 1;
    if (count % progressEvery === 0) await progress(count, null);
  }
  return count;
};

const writers: Readonly<Record<ExportFormat, (work: ExportWork) => Promise<number>>> = {
  cairn,
  tribal,
  markdown,
  jsonl,
};

/** Writes the export and gives the number of memories in it. */
export const writeExport = (format: ExportFormat, work: ExportWork): Promise<number> => writers[format](work);
