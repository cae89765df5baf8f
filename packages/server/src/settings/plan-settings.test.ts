import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { examplePlans, selfHosted } from "@cairn/memory/plan/known-plans";
import { describe, expect, test } from "vitest";
import { readSettings } from "../settings.ts";

const setUp = async (config?: string) => {
  const data = await mkdtemp(join(tmpdir(), "cairn-plans-"));
  if (config !== undefined) await writeFile(join(data, "config.yaml"), config);
  return {
    data,
    read: async (env: Readonly<Record<string, string>> = {}) =>
      (await readSettings({}, { platform: "linux", home: data, hostname: "h", env: { CAIRN_DATA: data, ...env } }))
        .plans,
    [Symbol.asyncDispose]: () => rm(data, { recursive: true }),
  };
};

describe("TEN-5 plans in the settings", () => {
  test("are one without limits on what is kept when nothing is set", async () => {
    await using given = await setUp();
    expect(await given.read()).toEqual({
      plans: { standard: selfHosted, all: [selfHosted] },
      addressRatePerMinute: 300,
    });
  });

  test("are read from config.yaml; the first is the standard one unless another is", async () => {
    const yaml = "plans:\n  free: {memories: 1000, queries_per_month: 5000, agents: 0}\n  paid:\n";
    await using given = await setUp(yaml);
    const { plans } = await given.read();
    expect(plans.all).toEqual([{ name: "free", memories: 1_000, queriesPerMonth: 5_000, agents: 0 }, { name: "paid" }]);
    expect(plans.standard.name).toBe("free");
    expect((await given.read({ CAIRN_DEFAULT_PLAN: "paid" })).plans.standard.name).toBe("paid");
  });

  test("come from a variable as JSON, from a file with JSON, or are the examples", async () => {
    await using given = await setUp();
    const json = '{"small":{"rate_per_minute":60,"storage_bytes":5000000000}}';
    const file = join(given.data, "plans.json");
    await writeFile(file, json);
    const small = [{ name: "small", ratePerMinute: 60, storageBytes: 5_000_000_000 }];
    expect((await given.read({ CAIRN_PLANS: json })).plans.all).toEqual(small);
    expect((await given.read({ CAIRN_PLANS: file })).plans.all).toEqual(small);
    expect((await given.read({ CAIRN_PLANS: "examples" })).plans.all).toEqual(examplePlans);
  });

  test.each([
    ["{", /CAIRN_PLANS must be a map of plans as JSON/u],
    ["/nowhere/plans.json", /CAIRN_PLANS must be a map of plans as JSON/u],
    ["{}", /must have 1 to 100 plans/u],
    ['{"Big Plan":{}}', /must name plans with 1 to 40 of a-z, 0-9 and -/u],
    ['{"free":[1]}', /must give the plan free limits, such as memories: 1000/u],
    ['{"free":{"memory":1}}', /a limit that does not exist, "memory"; there are memories, queries_per_month/u],
    ['{"free":{"memories":0}}', /free memories as a whole number from 1 to 1000000000000000/u],
    ['{"free":{"rate_per_minute":"60"}}', /free rate_per_minute as a whole number from 1 to 1000000/u],
    ['{"free":{"concurrency":1.5}}', /free concurrency as a whole number/u],
    ['{"__proto__":{"memories":1}}', /must name plans with/u],
  ])("that are wrong are refused at the start with what would be right: %s", async (plans, message) => {
    await using given = await setUp();
    await expect(given.read({ CAIRN_PLANS: plans })).rejects.toMatchObject({
      code: "config.invalid",
      message: expect.stringMatching(message) as string,
    });
  });

  test("must have the default plan among them", async () => {
    await using given = await setUp("default_plan: gold\nplans: {free: {}, pro: {}}\n");
    await expect(given.read()).rejects.toMatchObject({
      code: "config.invalid",
      data: { hint: "Set default_plan to one of the plans: free, pro." },
    });
  });
});
