/** Reading a space for an export, page by page, so that its size does not matter. */
import type { Millis } from "@cairn/kernel/clock";
import type { PassageVectors } from "@cairn/memory/embedding/embedder";
import type { JsonObject, Memory } from "@cairn/memory/memory/memory";
import type { SpaceReader } from "@cairn/memory/space/engine";
import { tribalEntry } from "@cairn/memory/transfer/tribal-bundle";
import { z } from "zod";
import { absent } from "../absent.ts";
import { present } from "../schemas/common.ts";
import { wantedTags } from "../schemas/fields.ts";
import { timeRange } from "../schemas/filter.ts";
import { inSpace } from "../schemas/space.ts";
import { text } from "../schemas/text.ts";

export const exportFields = {
  tags: wantedTags.nullish(),
  dateFrom: text({ name: "date_from", max: 200, trim: true, describe: "Stored at this time or later." }).nullish(),
  dateTo: text({
    name: "date_to",
    max: 200,
    trim: true,
    describe: "Stored at this time, or on this day, or earlier.",
  }).nullish(),
  ...inSpace,
} as const;
const exportShape = z.object(exportFields);
export type ExportInput = z.output<typeof exportShape>;

export interface ExportFilter {
  readonly tags?: readonly string[];
  /** Record time, both inclusive. */
  readonly from: Millis;
  readonly to: Millis;
}

/** Throws request.invalid for a date that is none. */
export const exportFilter = (given: ExportInput, now: Millis): ExportFilter => {
  const clock = { now };
  const until = absent(given.dateTo) ? null : timeRange("date_to", given.dateTo, clock);
  return {
    ...(absent(given.tags) || given.tags.length === 0 ? {} : { tags: given.tags }),
    from: absent(given.dateFrom) ? Number.NEGATIVE_INFINITY : timeRange("date_from", given.dateFrom, clock).from,
    to: until === null ? Number.POSITIVE_INFINITY : until.instant ? until.from : until.to - 1,
  };
};

export interface ExportPage {
  readonly memories: readonly Memory[];
  readonly vectors: readonly (PassageVectors | null)[];
  readonly cursor: string | null;
}

export const readExportPage = async (
  reader: SpaceReader,
  filter: ExportFilter,
  limit: number,
  cursor: string | null,
): Promise<ExportPage> => {
  const tags = filter.tags === undefined ? {} : { tags: filter.tags, tagsMode: "any" as const };
  const page = await reader.list({ ...tags, limit, order: "oldest", ...present({ cursor }) });
  const memories = page.items.filter(({ createdAt }) => createdAt >= filter.from && createdAt <= filter.to);
  const vectors = memories.length === 0 ? [] : await reader.vectors(memories.map(({ id }) => id));
  return { memories, vectors, cursor: page.cursor };
};

/** The memories as entries of a portable bundle. One vector an entry: what has several gets none, to be made anew. */
export const entriesOf = ({ memories, vectors }: ExportPage): readonly JsonObject[] =>
  memories.map((memory, index) => {
    const own = vectors[index] ?? [];
    return tribalEntry(memory, own.length === 1 ? (own[0] ?? null) : null);
  });
