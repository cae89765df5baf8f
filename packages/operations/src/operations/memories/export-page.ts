import { tribalManifest } from "@cairn/memory/transfer/tribal-bundle";
import { z } from "zod";
import { modelFor } from "../../embedding.ts";
import { defineOperation, noUsage } from "../../operation.ts";
import { bundle, embeddingOf } from "../../schemas/bundle.ts";
import { cursor, nextCursor, wholeOr } from "../../schemas/common.ts";
import { entriesOf, exportFields, exportFilter, readExportPage } from "../../transfer/export-page.ts";

export const exportMemoriesPage = defineOperation({
  name: "memories.export_page",
  summary: "Export memories page by page",
  description: "A part of an export as a bundle of its own; for spaces that are too large for one answer.",
  input: z.object({ ...exportFields, limit: wholeOr("limit", 1, 1_000, 500), cursor: cursor.nullish() }),
  output: z.object({ bundle, cursor: nextCursor }),
  permission: "memories:read",
  audit: "read",
  usage: noUsage,
  run: async (context, input) => {
    const now = context.clock();
    const space = await context.space(input.space);
    const reader = context.engine.read(space);
    const page = await readExportPage(reader, exportFilter(input, now), input.limit, input.cursor ?? null);
    const entries = [...entriesOf(page)];
    const manifest = tribalManifest(embeddingOf(await modelFor(context, space)), entries.length, now);
    return { bundle: { manifest, entries }, cursor: page.cursor };
  },
});
