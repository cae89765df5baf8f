/**
 * Plans that come with the server. One's own server has one plan without limits on what is kept, and with rates so
 * generous that only a runaway program meets them. The others are examples for whoever serves others (`plans: examples`).
 */
import type { Plan, Plans } from "./plan.ts";

export const selfHosted: Plan = {
  name: "self-hosted",
  ratePerMinute: 60_000,
  ratePerMinuteKey: 30_000,
  concurrency: 64,
};

const million = 1_000_000;
const gigabyte = 1_000_000_000;

/** Examples: what is right for a service is for its operator to say. */
export const examplePlans: readonly Plan[] = [
  {
    name: "free",
    memories: 1_000,
    queriesPerMonth: 10_000,
    embeddingsPerMonth: 10_000,
    agents: 2,
    spaces: 2,
    members: 1,
    storageBytes: gigabyte / 10,
    ratePerMinute: 120,
    ratePerMinuteKey: 60,
    concurrency: 4,
    recallLimit: 10,
    batchSize: 100,
  },
  {
    name: "pro",
    memories: 100_000,
    queriesPerMonth: 500_000,
    embeddingsPerMonth: 500_000,
    agents: 20,
    spaces: 20,
    members: 3,
    storageBytes: 5 * gigabyte,
    ratePerMinute: 1_200,
    ratePerMinuteKey: 600,
    concurrency: 8,
    recallLimit: 50,
    batchSize: 500,
  },
  {
    name: "team",
    memories: million,
    queriesPerMonth: 5 * million,
    embeddingsPerMonth: 5 * million,
    agents: 200,
    spaces: 200,
    members: 50,
    storageBytes: 50 * gigabyte,
    ratePerMinute: 6_000,
    ratePerMinuteKey: 3_000,
    concurrency: 16,
    recallLimit: 100,
    batchSize: 1_000,
  },
  { name: "enterprise", ratePerMinute: 60_000, ratePerMinuteKey: 30_000, concurrency: 64 },
];

export const standardPlans: Plans = { standard: selfHosted, all: [selfHosted] };
