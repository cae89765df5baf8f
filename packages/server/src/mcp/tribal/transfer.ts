import { exportMemories } from "@cairn/operations/operations/memories/export";
import { importMemories } from "@cairn/operations/operations/memories/import";
import { z } from "zod";
import { parseBundle, readBundleFile, writeBundleFile } from "../bundle-file.ts";
import { adds, changes, type McpTool } from "../tool.ts";
import { isBlank, optionalTags, optionalText, text, type TribalAnswer, tribalTool } from "./tribal-tool.ts";

const failed = { success: false } as const;

export const tribalTransferTools: readonly McpTool[] = [
  tribalTool({
    name: "tribal_export",
    title: "Export memories",
    description:
      "Writes memories to a portable JSON bundle: into output_path, or into the answer when none is given. An existing file " +
      "is replaced only when it is an earlier export.",
    annotations: { ...adds, idempotentHint: true },
    parameters: z.object({
      tags: optionalTags.describe("Only memories with any of these tags"),
      date_from: optionalText.describe("ISO 8601, stored at or after"),
      date_to: optionalText.describe("ISO 8601, stored at or before"),
      output_path: optionalText.describe("File to write"),
    }),
    failed: () => failed,
    answer: async (call, { tags, date_from: from, date_to: to, output_path: path }): Promise<TribalAnswer> => {
      const { bundle, memoryCount } = await call(exportMemories, {
        tags,
        dateFrom: isBlank(from) ? null : from,
        dateTo: isBlank(to) ? null : to,
      });
      const done = { success: true, memory_count: memoryCount };
      if (path === null || path === "") return { ...done, ...bundle };
      await writeBundleFile(path, bundle);
      return { ...done, output_path: path };
    },
  }),
  tribalTool({
    name: "tribal_import",
    title: "Import memories",
    description:
      "Takes over memories from a portable JSON bundle, from a file or inline. For ids that exist: skip leaves them, " +
      "overwrite replaces them, merge keeps the newer. With dry_run nothing is written.",
    annotations: changes,
    parameters: z.object({
      input_path: optionalText.describe("File with a bundle"),
      bundle_json: optionalText.describe("The bundle itself, as JSON"),
      conflict_resolution: text.default("skip").describe("skip, overwrite or merge"),
      embedding_strategy: text.default("auto").describe("auto, keep or drop"),
      dry_run: z.boolean().default(false),
    }),
    failed: () => failed,
    answer: async (call, given): Promise<TribalAnswer> => {
      const { input_path: path, bundle_json: inline, conflict_resolution: conflictResolution } = given;
      if (isBlank(path) && isBlank(inline)) return { ...failed, error: "Provide input_path or bundle_json" };
      const bundle =
        path !== null && !isBlank(path) ? await readBundleFile(path) : parseBundle(Buffer.from(inline ?? ""));
      const done = await call(importMemories, {
        bundle,
        conflictResolution,
        embeddingStrategy: given.embedding_strategy,
        dryRun: given.dry_run,
      });
      return {
        success: done.success,
        dry_run: done.dryRun,
        total: done.total,
        imported: done.imported,
        skipped: done.skipped,
        overwritten: done.overwritten,
        errors: done.errors,
        needs_reembedding: done.needsReembedding,
        duration_ms: Math.round(done.durationMs * 10) / 10,
        error_details: done.errorDetails,
      };
    },
  }),
];
