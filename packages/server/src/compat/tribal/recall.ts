/** TribalMemory's recall. */
import { recall } from "@cairn/operations/operations/recall/recall";
import { bind, plainInput } from "../../rest/binding.ts";
import { tribalStyle } from "./errors.ts";
import { withoutBlank } from "./leniency.ts";

const queryOf = (body: unknown): string => {
  const query = (body as { readonly query?: unknown } | undefined)?.query;
  return typeof query === "string" ? query : "";
};

export const tribalRecall = [
  bind("POST /v1/recall", recall, {
    section: "tribal",
    input: (parts) => plainInput({ ...parts, body: withoutBlank(parts.body, ["after", "before"]) }),
    errors: tribalStyle({
      failed: (failure, { parts, milliseconds }) => ({
        results: [],
        query: queryOf(parts.body),
        total_time_ms: milliseconds,
        ...failure,
      }),
    }),
    example: { query: "What does Anna drink?", limit: 5 },
  }),
] as const;
