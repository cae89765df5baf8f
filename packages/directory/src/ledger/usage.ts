/** What is metered (TEN-6), as counts of a day. */
import type { Millis } from "@cairn/kernel/clock";

/** What happened: amounts of a day add up. */
export const countedMetrics = [
  "calls",
  "queries",
  "memories_created",
  "memories_deleted",
  "embeddings",
  "bytes_in",
  "bytes_out",
] as const;
/** What there is, as it was measured last on a day. */
export const levelMetrics = ["memories_stored", "storage_bytes"] as const;
export const usageMetrics = [...countedMetrics, ...levelMetrics] as const;

export type CountedMetric = (typeof countedMetrics)[number];
export type LevelMetric = (typeof levelMetrics)[number];
export type UsageMetric = (typeof usageMetrics)[number];

/** YYYY-MM-DD in UTC. */
export type Day = string;
export const dayOf = (at: Millis): Day => new Date(at).toISOString().slice(0, 10);
export const dayBefore = (day: Day): Day => dayOf(Date.parse(day) - 86_400_000);

export interface UsageCount {
  readonly organisation: string;
  readonly day: Day;
  readonly metric: CountedMetric;
  /** The id of the only space it was about; empty: none, or several. */
  readonly space: string;
  /** The id of a key, or the principal that called without one; empty: neither. */
  readonly key: string;
  /** A whole number above 0. */
  readonly amount: number;
}

export interface UsageLevel {
  readonly organisation: string;
  readonly day: Day;
  readonly metric: LevelMetric;
  readonly space: string;
  readonly amount: number;
}

const separator = "\u0001";

/** Equal ones added up, in one order: whoever counts the same at the same time waits in turn and not in a circle. */
export const summedCounts = (counts: Iterable<UsageCount>): readonly UsageCount[] => {
  const sums = new Map<string, UsageCount>();
  for (const count of counts) {
    const { organisation, day, metric, space, key, amount } = count;
    const name = [organisation, day, metric, space, key].join(separator);
    const known = sums.get(name);
    sums.set(name, known === undefined ? count : { ...known, amount: known.amount + amount });
  }
  return [...sums].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, count]) => count);
};
