/** Usage in requests and answers. */
import { dayOf, type UsageMetric } from "@cairn/directory/ledger/usage";
import { z } from "zod";
import { parseInstant } from "./instant.ts";

const isDay = (given: string): boolean => {
  if (!/^\d{4}-\d{2}-\d{2}$/u.test(given)) return false;
  const at = parseInstant(given);
  return at !== null && dayOf(at) === given;
};

/** A day of the calendar in UTC. */
export const day = (name: string, describe: string) =>
  z
    .string()
    .refine(isDay, `${name} must be a day such as 2026-03-14`)
    .meta({ format: "date", description: `${describe} (YYYY-MM-DD, UTC)` });

const amount = (describe: string) => z.int().meta({ description: describe });

export const amounts = z.object({
  calls: amount("Calls that were not refused."),
  queries: amount("Recalls and searches."),
  memoriesCreated: amount("Memories that were stored."),
  memoriesDeleted: amount("Memories that were deleted."),
  embeddings: amount("Texts that were turned into vectors."),
  bytesIn: amount("Bytes of requests."),
  bytesOut: amount("Bytes of answers."),
  memoriesStored: amount("Memories there are, as measured last."),
  storageBytes: amount("Bytes that are stored, as measured last."),
});
export type Amounts = z.output<typeof amounts>;

const nameOf: Readonly<Record<UsageMetric, keyof Amounts>> = {
  calls: "calls",
  queries: "queries",
  memories_created: "memoriesCreated",
  memories_deleted: "memoriesDeleted",
  embeddings: "embeddings",
  bytes_in: "bytesIn",
  bytes_out: "bytesOut",
  memories_stored: "memoriesStored",
  storage_bytes: "storageBytes",
};

/** Metrics of a later version are left out. */
export const amountsOf = (rows: Iterable<{ readonly metric: UsageMetric; readonly amount: number }>): Amounts => {
  const sums: Record<keyof Amounts, number> = {
    calls: 0,
    queries: 0,
    memoriesCreated: 0,
    memoriesDeleted: 0,
    embeddings: 0,
    bytesIn: 0,
    bytesOut: 0,
    memoriesStored: 0,
    storageBytes: 0,
  };
  for (const { metric, amount: more } of rows) if (Object.hasOwn(nameOf, metric)) sums[nameOf[metric]] += more;
  return sums;
};

/** A limit of the plan, and how much of it is used. */
export const planLimit = z.object({
  name: z.string().meta({ description: "What is limited, such as memories." }),
  used: z.number(),
  most: z.number(),
  plan: z.string(),
});
