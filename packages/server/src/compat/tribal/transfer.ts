/** TribalMemory's export and import. A bundle has names of its own, so it passes the mapper of names untouched. */
import { CairnError, type FieldProblem } from "@cairn/kernel/error";
import { exportMemoriesPage } from "@cairn/operations/operations/memories/export-page";
import { exportMemories } from "@cairn/operations/operations/memories/export";
import { importMemories } from "@cairn/operations/operations/memories/import";
import { fromWire } from "@cairn/operations/wire";
import { bind, plainInput, type RequestParts } from "../../rest/binding.ts";
import { importLimit } from "../../rest/guard/body.ts";
import { tribalStyle } from "./errors.ts";
import { withoutBlank } from "./leniency.ts";

const section = "tribal";

/** A date or a choice that it cannot read is a failed call to TribalMemory, not a request that fails validation. */
const only =
  (fields: readonly string[]) =>
  ({ data }: CairnError): boolean => {
    const problems: readonly FieldProblem[] = data.problems ?? [];
    return problems.length > 0 && problems.every(({ path, code }) => fields.includes(path) && code !== "invalid_type");
  };

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const importInput = (parts: RequestParts): unknown => {
  if (!isObject(parts.body)) return plainInput(parts);
  const { bundle, ...rest } = parts.body;
  if (bundle !== undefined && !isObject(bundle)) {
    const problems = [{ path: "bundle", code: "invalid_type", message: "bundle must be an object" }];
    throw new CairnError("request.invalid", "bundle must be an object", { problems });
  }
  return { ...(fromWire(rest) as object), ...(bundle === undefined ? {} : { bundle }) };
};

const nothingImported = {
  success: false,
  total: 0,
  imported: 0,
  skipped: 0,
  overwritten: 0,
  errors: 0,
  needs_reembedding: false,
  dry_run: false,
  duration_ms: 0,
  error_details: [],
} as const;

export const tribalTransfer = [
  bind("POST /v1/export", exportMemories, {
    section,
    input: (parts) => plainInput({ ...parts, body: withoutBlank(parts.body, ["date_from", "date_to"]) }),
    present: ({ success, memoryCount, bundle, error }) => ({ success, memory_count: memoryCount, bundle, error }),
    errors: tribalStyle({
      failsSoftly: only(["date_from", "date_to"]),
      failed: (failure) => ({ success: false, memory_count: 0, bundle: null, ...failure }),
    }),
    example: { tags: ["preferences"] },
  }),
  bind("POST /v1/export/page", exportMemoriesPage, { present: (page) => page, example: { limit: 500 } }),
  bind("POST /v1/import", importMemories, {
    section,
    bodyLimit: importLimit,
    input: importInput,
    errors: tribalStyle({
      failsSoftly: only(["conflict_resolution", "embedding_strategy"]),
      failed: (failure) => ({ ...nothingImported, ...failure }),
    }),
    example: {
      bundle: { manifest: { schema_version: "1.0", embedding: null, memory_count: 0 }, entries: [] },
      dry_run: true,
    },
  }),
] as const;
