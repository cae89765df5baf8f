import type { JsonObject } from "@cairn/memory/memory/memory";
import { tribalManifest } from "@cairn/memory/transfer/tribal-bundle";
import { z } from "zod";
import { modelFor } from "../../embedding.ts";
import { defineOperation, noUsage } from "../../operation.ts";
import { bundle, embeddingOf } from "../../schemas/bundle.ts";
import { entriesOf, exportFields, exportFilter, readExportPage } from "../../transfer/export-page.ts";

const pageSize = 500;

export const exportMemories = defineOperation({
  name: "memories.export",
  summary: "Export memories",
  description: "All memories that pass the filters as one portable bundle, which other programs and `import` read.",
  input: z.object(exportFields),
  output: z.object({ success: z.boolean(), memoryCount: z.int(), bundle, error: z.string().nullable() }),
  permission: "memories:read",
  audit: "read",
  usage: noUsage,
  run: async (context, input) => {
    const now = context.clock();
    const filter = exportFilter(input, now);
    const space = await context.space(input.space);
    const reader = context.engine.read(space);
    const entries: JsonObject[] = [];
    let cursor: string | null = null;
    do {
      const page = await readExportPage(reader, filter, pageSize, cursor);
      entries.push(...entriesOf(page));
      cursor = page.cursor;
    } while (cursor !== null);
    const manifest = tribalManifest(embeddingOf(await modelFor(context, space)), entries.length, now);
    return { success: true, memoryCount: entries.length, bundle: { manifest, entries }, error: null };
  },
});
