/** What a call acted on, as ids, for the audit: never names, never content. */
import { isUuid } from "@cairn/kernel/id";
import type { z } from "zod";
import type { Operation } from "./operation.ts";

const most = 20;
const idFields = ["id", "memoryId", "originalId", "key", "principal"] as const;

const idsIn = (value: unknown): readonly string[] => {
  if (typeof value !== "object" || value === null) return [];
  const fields = value as Readonly<Record<string, unknown>>;
  return idFields.map((name) => fields[name]).filter((found): found is string => typeof found === "string");
};

/** At most 20, each once. */
export const subjectsOf = <In extends z.ZodType, Out extends z.ZodType>(
  operation: Operation<In, Out>,
  input: z.output<In>,
  output: z.output<Out>,
): readonly string[] => {
  const own = operation.subjects?.(input, output);
  const found = own ?? [...idsIn(input), ...idsIn(output)].filter(isUuid);
  return [...new Set(found)].slice(0, most);
};
