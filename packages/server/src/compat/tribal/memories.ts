/** TribalMemory's calls on memories. What they answer beyond its contract are Cairn's own fields. */
import { correct } from "@cairn/operations/operations/memories/correct";
import { forget } from "@cairn/operations/operations/memories/forget";
import { getMemory } from "@cairn/operations/operations/memories/get";
import { rememberBatch } from "@cairn/operations/operations/memories/remember-batch";
import { remember } from "@cairn/operations/operations/memories/remember";
import { draft } from "@cairn/operations/schemas/write";
import { fromWire, toWire } from "@cairn/operations/wire";
import { limits } from "@cairn/memory/memory/memory";
import { z } from "zod";
import { bind, plainInput } from "../../rest/binding.ts";
import { type FailureFields, tribalStyle } from "./errors.ts";

const section = "tribal";
const notStored = { success: false, memory_id: null, duplicate_of: null } as const;
const storing = tribalStyle({ failed: (failure) => ({ ...notStored, ...failure }) });

const batchSize = (body: unknown): number => {
  const memories = (body as { readonly memories?: unknown } | undefined)?.memories;
  return Array.isArray(memories) ? memories.length : 0;
};

/** A batch that failed as a whole has failed for each of its memories. */
const failedBatch = (failure: FailureFields, body: unknown): unknown => {
  const total = batchSize(body);
  const { error, code } = failure;
  return {
    results: Array.from({ length: total }, () => ({ ...notStored, error, code })),
    total,
    successful: 0,
    failed: total,
    ...failure,
  };
};

const foundMemory = tribalStyle({ source: "path", failed: (failure) => failure });

export const tribalMemories = [
  bind("POST /v1/remember", remember, {
    section,
    errors: storing,
    example: { content: "Anna prefers tea to coffee.", source_type: "user_explicit", tags: ["preferences"] },
  }),
  bind("POST /v1/remember/batch", rememberBatch, {
    section,
    body: rememberBatch.input.extend({ memories: z.array(draft).min(1).max(limits.batch) }),
    errors: tribalStyle({ failed: (failure, { parts }) => failedBatch(failure, parts.body) }),
    example: {
      memories: [{ content: "Anna lives in Lyon." }, { content: "The build runs on Node 24.", tags: ["build"] }],
    },
  }),
  bind("POST /v1/correct", correct, {
    section,
    errors: storing,
    example: { original_id: "0198f6a2-7c1e-7b4a-9d52-3f1c2a6b8e01", corrected_content: "Anna lives in Marseille." },
  }),
  bind("DELETE /v1/forget/{memory_id}", forget, {
    section,
    routeId: "tribal.forget",
    input: ({ path, query }) => fromWire({ ...query, id: path["memory_id"] }),
    errors: tribalStyle({
      source: "path",
      // Its clients always get 200 here, whatever the id is.
      failsSoftly: () => true,
      failed: (failure, { parts }) => ({ success: false, memory_id: parts.path["memory_id"], ...failure }),
    }),
  }),
  bind("GET /v1/memory/{id}", getMemory, {
    section,
    routeId: "tribal.get",
    input: plainInput,
    present: toWire,
    errors: {
      kind: "tribal",
      answer: (error, context) => {
        const unknown = error.code === "memory.not_found" || error.code === "request.invalid";
        if (!unknown) return error.code === "space.not_found" ? null : foundMemory.answer(error, context);
        const { id = "" } = context.parts.path;
        const body = {
          detail: `Memory ${id.slice(0, 255)} not found`,
          code: "memory.not_found",
          request_id: context.requestId,
        };
        return { status: 404, body };
      },
    },
  }),
] as const;
