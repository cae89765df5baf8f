/**
 * What a call acted on, as ids, for the audit: never names, never content. Where an operation does not say it itself, the
 * ids in its input and output count, of the items of lists too, so that it shows which memories somebody was given.
 */
import type { z } from "zod";
import type { Operation } from "./operation.ts";

const most = 20;
const idFields = ["id", "memoryId", "originalId", "principal"] as const;
/** What holds what people wrote, where anything may look like an id. */
const contentFields = new Set(["metadata", "bundle", "entries"]);
/** Lists in an answer, and what their items hold. */
const depth = 4;
const itemsLookedAt = 100;

/** Ids of any kind of UUID: imports keep those that they came with. */
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/iu;
const principal = /^(?:user|key|external):\S{1,250}$/u;

const isId = (name: string, value: unknown): value is string =>
  typeof value === "string" && (uuid.test(value) || (name === "principal" && principal.test(value)));

const collect = (value: unknown, found: Set<string>, left: number): void => {
  if (left === 0 || found.size >= most || typeof value !== "object" || value === null) return;
  if (Array.isArray(value)) {
    for (const item of value.slice(0, itemsLookedAt)) collect(item, found, left - 1);
    return;
  }
  const fields = value as Readonly<Record<string, unknown>>;
  for (const name of idFields) if (isId(name, fields[name])) found.add(fields[name]);
  for (const [name, inner] of Object.entries(fields)) {
    if (typeof inner === "object" && !contentFields.has(name)) collect(inner, found, left - 1);
  }
};

/** At most 20, each once, those of the input first. */
export const subjectsOf = <In extends z.ZodType, Out extends z.ZodType>(
  operation: Operation<In, Out>,
  input: z.output<In>,
  output: z.output<Out>,
): readonly string[] => {
  const found = new Set<string>(operation.subjects?.(input, output));
  if (operation.subjects === undefined) {
    collect(input, found, depth);
    collect(output, found, depth);
  }
  return [...found].slice(0, most);
};
