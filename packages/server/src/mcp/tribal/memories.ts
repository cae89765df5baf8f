import { correct } from "@cairn/operations/operations/memories/correct";
import { forget } from "@cairn/operations/operations/memories/forget";
import { remember } from "@cairn/operations/operations/memories/remember";
import { readStats } from "@cairn/operations/operations/stats/read";
import { isCairnError } from "@cairn/kernel/error";
import { z } from "zod";
import { adds, changes, type McpTool, reads } from "../tool.ts";
import { isBlank, optionalTags, optionalText, text, type TribalAnswer, tribalTool } from "./tribal-tool.ts";

const accepted: ReadonlySet<string> = new Set(["user_explicit", "auto_capture", "cross_instance", "deliberate"]);
const notStored = { success: false, memory_id: null, duplicate_of: null } as const;
const notCorrected = { success: false, memory_id: null } as const;

export const tribalMemoryTools: readonly McpTool[] = [
  tribalTool({
    name: "tribal_remember",
    title: "Store a memory",
    description:
      "Stores a new memory; the same text is not stored twice. source_type is user_explicit when the user asked for it, " +
      "auto_capture when you noticed it, cross_instance when another agent said it.",
    annotations: adds,
    parameters: z.object({
      content: text.describe("What to remember"),
      source_type: text.default("auto_capture"),
      context: optionalText.describe("When or why it was captured"),
      tags: optionalTags,
      skip_dedup: z.boolean().default(false).describe("Store it even when the same is there"),
    }),
    failed: () => notStored,
    answer: async (
      call,
      { content, source_type: asked, context, tags, skip_dedup: skipDedup },
    ): Promise<TribalAnswer> => {
      if (isBlank(content)) return { ...notStored, error: "Content cannot be empty" };
      const sourceType = accepted.has(asked) ? asked : "auto_capture";
      const { success, memoryId, duplicateOf, error } = await call(remember, {
        content,
        sourceType,
        context,
        tags,
        skipDedup,
      });
      return { success, memory_id: memoryId, duplicate_of: duplicateOf, error };
    },
  }),
  tribalTool({
    name: "tribal_correct",
    title: "Correct a memory",
    description:
      "Stores a correction that takes the place of the original in every search; the original stays in history.",
    annotations: changes,
    parameters: z.object({
      original_id: text.describe("Id of the memory to correct"),
      corrected_content: text.describe("What is right"),
      context: optionalText.describe("Why it is corrected"),
    }),
    failed: () => notCorrected,
    answer: async (
      call,
      { original_id: originalId, corrected_content: correctedContent, context },
    ): Promise<TribalAnswer> => {
      if (isBlank(originalId)) return { ...notCorrected, error: "Original ID cannot be empty" };
      if (isBlank(correctedContent)) return { ...notCorrected, error: "Corrected content cannot be empty" };
      const { success, memoryId, error } = await call(correct, { originalId, correctedContent, context });
      return { success, memory_id: memoryId, error };
    },
  }),
  tribalTool({
    name: "tribal_forget",
    title: "Delete a memory",
    description: "Deletes a memory.",
    annotations: changes,
    parameters: z.object({ memory_id: text.describe("Id of the memory to delete") }),
    failed: ({ memory_id: id }) => ({ success: false, memory_id: id }),
    answer: async (call, { memory_id: id }): Promise<TribalAnswer> => {
      if (isBlank(id)) return { success: false, memory_id: id, error: "Memory ID cannot be empty" };
      try {
        const { success } = await call(forget, { id });
        return { success, memory_id: id };
      } catch (error) {
        // An unknown id is no error to its clients, only no success.
        if (isCairnError(error) && error.code === "memory.not_found") return { success: false, memory_id: id };
        throw error;
      }
    },
  }),
  tribalTool({
    name: "tribal_stats",
    title: "Memory statistics",
    description: "Counts memories by source, tag and agent.",
    annotations: reads,
    parameters: z.object({}),
    failed: () => ({}),
    answer: async (call): Promise<TribalAnswer> => {
      const { totalMemories, bySourceType, byTag, byInstance, corrections } = await call(readStats, {});
      return {
        total_memories: totalMemories,
        by_source_type: bySourceType,
        by_tag: byTag,
        by_instance: byInstance,
        corrections,
      };
    },
  }),
];
