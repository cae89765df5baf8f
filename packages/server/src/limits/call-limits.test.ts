import { openSqliteLimitCounters } from "@cairn/directory/limits/sqlite-limit-counters";
import { CairnError } from "@cairn/kernel/error";
import { anonymousIdentity, type Identity } from "@cairn/memory/permission/identity";
import type { Plan, Plans } from "@cairn/memory/plan/plan";
import type { Caller } from "@cairn/operations/context";
import type { RateState } from "@cairn/operations/limits";
import { forget } from "@cairn/operations/operations/memories/forget";
import { remember } from "@cairn/operations/operations/memories/remember";
import { rememberBatch } from "@cairn/operations/operations/memories/remember-batch";
import { recall } from "@cairn/operations/operations/recall/recall";
import { readHealth } from "@cairn/operations/operations/health/read";
import { createSpace } from "@cairn/operations/operations/spaces/create";
import { setUpOperations } from "@cairn/testing/setup-operations";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { type CallLimitsOptions, openCallLimits } from "./call-limits.ts";
import { makeLook } from "./look.ts";

const organisation = "00000000-0000-7000-8000-0000000000aa";
const memberOf = (own: string, key: string | null = "k1"): Identity => ({
  principal: "user:anna",
  credential: "key",
  organisation: own,
  role: "admin",
  scopes: null,
  space: null,
  key,
  instance: null,
  administrator: false,
});

const setUp = async (plan: Partial<Plan> = {}, more: Partial<CallLimitsOptions> = {}) => {
  const folder = await mkdtemp(join(tmpdir(), "cairn-call-limits-"));
  const base = setUpOperations();
  let now = base.services.clock();
  const clock = () => now;
  const counters = openSqliteLimitCounters({ file: join(folder, "limits.db"), clock });
  const free: Plan = { name: "free", ...plan };
  const plans: Plans = { standard: free, all: [free, { name: "pro" }] };
  const failures: unknown[] = [];
  const spaces: string[] = [];
  const { engine } = base.services;
  const look = {
    counts: async () => ({ spaces: spaces.length, members: 1, agents: 0 }),
    stored: makeLook({ engine, spacesOf: async () => spaces, database: {} as never, clock }).stored,
  };
  const limits = openCallLimits({
    counters,
    plans,
    planOf: async () => null,
    look,
    clock,
    addressRatePerMinute: 3,
    failed: (error) => void failures.push(error),
    ...more,
  });
  const world = setUpOperations({ ...base.services, limits, identity: memberOf(organisation) });
  const space = await world.services.directory.create({
    name: "theirs",
    description: null,
    organisation,
    visibility: "organisation",
    owner: null,
  });
  await engine.create(space.id);
  spaces.push(space.id);
  const caller: Caller = { ...world.caller, defaultSpace: space.id };
  const call = (operation: Parameters<typeof world.pipeline.call>[0], input: unknown, own: Partial<Caller> = {}) =>
    world.pipeline.call(operation, { ...caller, ...own }, input);
  return {
    ...world,
    caller,
    call,
    limits,
    counters,
    failures,
    spaces,
    space: space.id,
    pass: (milliseconds: number) => void (now += milliseconds),
    keep: (content: string) => call(remember, { content }),
    memories: async () => (await counters.standing({ organisation, name: "memories", period: "" })) ?? null,
    [Symbol.asyncDispose]: async () => {
      await limits.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
};

describe("TEN-5 what a plan allows", () => {
  test("is refused before any work, with the limit, the usage and the plan that lifts it", async () => {
    await using setup = await setUp({ memories: 2 });
    await setup.keep("The first of two.");
    await setup.keep("A second one, quite different.");
    await expect(setup.keep("One too many for this plan.")).rejects.toMatchObject({
      code: "limit.exceeded",
      data: { limit: { name: "memories", used: 2, most: 2, plan: "free", liftedBy: "pro" } },
    });
    expect((await setup.services.engine.read(setup.space).stats()).memories).toBe(2);
    expect(setup.limits.figures()["planRefused"]).toBe(1);
  });

  test("counts what was there before anybody counted", async () => {
    await using setup = await setUp({ memories: 3 });
    const free = setUpOperations({ ...setup.services, identity: memberOf(organisation) });
    for (const content of ["One.", "Two, which is different.", "Three: nothing like the others."])
      await free.pipeline.call(remember, setup.caller, { content });
    await expect(setup.keep("A fourth.")).rejects.toMatchObject({ data: { limit: { used: 3 } } });
  });

  test("gives back duplicates, deletions and calls that came to nothing", async () => {
    await using setup = await setUp({ memories: 2 });
    await setup.keep("Anna drinks green tea.");
    await setup.keep("Anna drinks green tea.");
    expect(await setup.memories()).toMatchObject({ used: 1, pending: 0 });
    await expect(setup.call(remember, { content: "x", space: "nowhere" })).rejects.toMatchObject({
      code: "space.not_found",
    });
    expect(await setup.memories()).toMatchObject({ used: 1, pending: 0 });
    const { memoryId } = (await setup.keep("A second one, quite different.")) as { readonly memoryId: string };
    await setup.call(forget, { id: memoryId });
    expect(await setup.memories()).toMatchObject({ used: 1, pending: 0 });
    await setup.keep("Something else entirely, in its place.");
  });

  test("is kept by batches as a whole", async () => {
    await using setup = await setUp({ memories: 3, batchSize: 3 });
    const batch = (count: number) => ({
      memories: Array.from({ length: count }, (_, at) => ({
        content: `Number ${at} of ${count}, told apart by words ${at}.`,
      })),
    });
    await expect(setup.call(rememberBatch, batch(4))).rejects.toMatchObject({
      data: { limit: { name: "batch_size", most: 3 } },
    });
    await setup.keep("One.");
    await expect(setup.call(rememberBatch, batch(3))).rejects.toMatchObject({ data: { limit: { used: 1 } } });
    await setup.call(rememberBatch, batch(2));
  });

  test("is looked at again before somebody is refused, so that what went another way counts", async () => {
    await using setup = await setUp({ memories: 1 });
    const { memoryId } = (await setup.keep("Only one fits.")) as { readonly memoryId: string };
    await expect(setup.keep("A second does not.")).rejects.toMatchObject({ code: "limit.exceeded" });
    await setup.services.engine
      .write(setup.space, { principal: "sweep", instance: "s" })
      .forget(memoryId, { purge: true });
    await expect(setup.keep("Not looked at again so soon.")).rejects.toMatchObject({ code: "limit.exceeded" });
    setup.pass(30_000);
    await setup.keep("Now it fits.");
  });

  test("is right again after a server died in the middle of a call, when it is next looked at", async () => {
    await using setup = await setUp({ memories: 10 });
    await setup.keep("Kept.");
    await setup.counters.reserve([
      { organisation, name: "memories", period: "", amount: 9, most: 10, knownForMs: 7_200_000 },
    ]);
    await setup.limits.reconcile(organisation);
    expect(await setup.memories()).toMatchObject({ used: 10, pending: 9 });
    setup.pass(16 * 60_000);
    await setup.limits.reconcile(organisation);
    expect(await setup.memories()).toMatchObject({ used: 1, pending: 0 });
  });

  test("is counted by the month, and anew in the next", async () => {
    await using setup = await setUp({ queriesPerMonth: 2, recallLimit: 7 });
    const ask = (limit = 5) => setup.call(recall, { query: "tea", limit });
    await expect(ask(8)).rejects.toMatchObject({ data: { limit: { name: "recall_limit", most: 7 } } });
    await ask();
    await expect(setup.call(recall, { query: "tea", space: "nowhere" })).rejects.toMatchObject({
      code: "space.not_found",
    });
    await ask();
    await expect(ask()).rejects.toMatchObject({ data: { limit: { name: "queries", used: 2, most: 2 } } });
    setup.pass(20 * 86_400_000);
    await ask();
  });

  test("counts spaces where they are made, whatever went away meanwhile", async () => {
    await using setup = await setUp({ spaces: 2 });
    await setup.call(createSpace, { name: "second" });
    setup.spaces.push("second");
    await expect(setup.call(createSpace, { name: "third" })).rejects.toMatchObject({
      data: { limit: { name: "spaces", used: 2, most: 2 } },
    });
    setup.spaces.pop();
    await setup.call(createSpace, { name: "third" });
  });

  test("lets nothing be written where the storage is used up, and everything be deleted", async () => {
    await using setup = await setUp({ storageBytes: 100 });
    const [free] = setup.spaces.splice(0);
    const { memoryId } = (await setup.keep("Fits, as nothing is stored yet.")) as { readonly memoryId: string };
    setup.spaces.push(free!);
    const { engine } = setup.services;
    const read = engine.read.bind(engine);
    (engine as { read: typeof engine.read }).read = (space) => ({
      ...read(space),
      stats: async () => ({ ...(await read(space).stats()), bytes: 5_000 }),
    });
    await setup.limits.reconcile(organisation);
    await expect(setup.keep("Does not fit.")).rejects.toMatchObject({
      data: { limit: { name: "storage_bytes", used: 5_000, most: 100 } },
    });
    await setup.call(forget, { id: memoryId });
  });

  test("is not asked about where the plan does not limit it", async () => {
    await using setup = await setUp();
    await setup.keep("Unlimited.");
    expect(await setup.memories()).toBeNull();
  });

  test("closes where it cannot be told, and what could not be settled is told", async () => {
    const away = async (): Promise<never> => {
      throw new CairnError("storage.unavailable", "Away.");
    };
    await using setup = await setUp({ queriesPerMonth: 5, memories: 5 });
    const broken = { ...setup.counters, reserve: away, settle: away, close: async () => undefined };
    await using other = await setUp({ queriesPerMonth: 5, memories: 5 }, { counters: broken });
    await expect(other.call(recall, { query: "x" })).rejects.toMatchObject({ code: "storage.unavailable" });
    await other.call(forget, { id: await plain(other) });
    expect(other.failures).toHaveLength(1);
    expect(other.limits.figures()["unsettled"]).toBe(1);
  });
});

/** A memory that was kept before there were limits. */
const plain = async (setup: Awaited<ReturnType<typeof setUp>>): Promise<string> => {
  const free = setUpOperations({ ...setup.services, identity: memberOf(organisation) });
  return ((await free.pipeline.call(remember, setup.caller, { content: "Plain." })) as { memoryId: string }).memoryId;
};

describe("TEN-4 rates of calls", () => {
  test("are told, kept by key and by organisation, and come back with time", async () => {
    await using setup = await setUp({ ratePerMinute: 5, ratePerMinuteKey: 3 });
    const seen: RateState[][] = [];
    const seesRates = (states: readonly RateState[]): void => void seen.push([...states]);
    const ask = (key: string) =>
      setup.call(recall, { query: "tea" }, { identity: memberOf(organisation, key), seesRates });
    for (let call = 0; call < 3; call += 1) await ask("k1");
    expect(seen[0]).toEqual([
      { name: "tenant", most: 5, windowSeconds: 60, remaining: 4, resetSeconds: 60 },
      { name: "key", most: 3, windowSeconds: 60, remaining: 2, resetSeconds: 60 },
    ]);
    await expect(ask("k1")).rejects.toMatchObject({
      code: "limit.rate_exceeded",
      data: { retryAfterMs: 80_000 },
    });
    expect(seen.at(-1)).toMatchObject([{ name: "key", remaining: 0, resetSeconds: 80 }]);
    // The refused call used nothing of the organisation's rate.
    await ask("k2");
    await ask("k2");
    await expect(ask("k2")).rejects.toMatchObject({
      message: expect.stringMatching(/of your organisation/u) as string,
    });
    setup.pass(120_000);
    await ask("k1");
  });

  test("of who was refused cost no further question, however hard it knocks", async () => {
    await using setup = await setUp({ ratePerMinute: 1 });
    let asked = 0;
    const counting: CallLimitsOptions["counters"] = {
      ...setup.counters,
      hit: async (hits) => {
        asked += 1;
        return setup.counters.hit(hits);
      },
    };
    await using other = await setUp({ ratePerMinute: 1 }, { counters: { ...counting, close: async () => undefined } });
    await other.call(recall, { query: "tea" });
    for (let call = 0; call < 50; call += 1)
      await expect(other.call(recall, { query: "tea" })).rejects.toMatchObject({ code: "limit.rate_exceeded" });
    expect(asked).toBe(2);
  });

  test("of who has shown nothing go by address, an IPv6 network being one", async () => {
    await using setup = await setUp();
    const admit = (address: string) =>
      setup.limits.admit({ ...setup.caller, identity: anonymousIdentity, address }, recall);
    for (const last of ["1", "2", "3"]) await (await admit(`2001:db8::${last}`)).end(null);
    await expect(admit("2001:db8::4")).rejects.toMatchObject({ code: "limit.rate_exceeded" });
    await (await admit("192.0.2.1")).end(null);
    for (let probe = 0; probe < 9; probe += 1)
      await setup.limits.admit({ ...setup.caller, identity: anonymousIdentity, address: "192.0.2.1" }, readHealth);
  });

  test("go on in this process while the counters are away, and are asked again soon", async () => {
    let away = true;
    let asked = 0;
    await using setup = await setUp();
    const flaky = {
      ...setup.counters,
      hit: async (hits: Parameters<typeof setup.counters.hit>[0]) => {
        asked += 1;
        if (away) throw new CairnError("storage.unavailable", "Away.");
        return setup.counters.hit(hits);
      },
      close: async () => undefined,
    };
    await using other = await setUp({ ratePerMinute: 2 }, { counters: flaky });
    const ask = () => other.call(recall, { query: "tea" });
    await ask();
    await ask();
    await expect(ask()).rejects.toMatchObject({ code: "limit.rate_exceeded" });
    expect([asked, other.failures.length]).toEqual([1, 1]);
    away = false;
    other.pass(5_000);
    await ask();
    expect(asked).toBe(2);
  });

  test("do not exist for whoever has the machine", async () => {
    await using setup = await setUp({ ratePerMinute: 1, memories: 1 });
    const local = { ...memberOf(organisation), principal: "local" };
    for (let call = 0; call < 5; call += 1)
      await (await setup.limits.admit({ ...setup.caller, identity: local }, remember)).expect({ memories: 99 });
    expect(setup.limits.figures()).toMatchObject({ running: 0, rateRefused: 0 });
  });
});

describe("TEN-4 calls under way", () => {
  test("of one organisation wait for each other and not for those of others, and all turns end", async () => {
    await using setup = await setUp({ concurrency: 1 }, { turns: { waitMs: 60_000 } });
    const admit = (own: string) => setup.limits.admit({ ...setup.caller, identity: memberOf(own) }, forget);
    const first = await admit("a");
    let second = false;
    const waiting = admit("a").then((admission) => ((second = true), admission));
    await (await admit("b")).end(null);
    expect([second, setup.limits.figures()["waiting"]]).toEqual([false, 1]);
    await first.end(null);
    await (await waiting).end(null);
    expect(setup.limits.figures()).toMatchObject({ running: 0, waiting: 0 });
  });

  test("that were refused or failed leave no turn behind", async () => {
    await using setup = await setUp({ memories: 1, concurrency: 1 });
    await setup.keep("One.");
    for (const input of [{ content: "Two." }, { content: "" }, { content: "x", space: "nowhere" }])
      await expect(setup.call(remember, input)).rejects.toMatchObject({ code: expect.any(String) as string });
    await setup.call(recall, { query: "one" });
    expect(setup.limits.figures()).toMatchObject({ running: 0, waiting: 0, unsettled: 0 });
  });
});

describe("TEN-4 failed sign-ins", () => {
  test("shut an address out for a while, on every server, and no other", async () => {
    await using setup = await setUp();
    const { failures } = setup.limits;
    await using other = await setUp({}, { counters: { ...setup.counters, close: async () => undefined } });
    for (let failure = 0; failure < 20; failure += 1) {
      expect(await failures.blocked("192.0.2.9")).toBeNull();
      await failures.failed("192.0.2.9");
    }
    expect(await failures.blocked("192.0.2.9")).toBeGreaterThan(0);
    expect(await failures.blocked("::ffff:192.0.2.9")).toBeGreaterThan(0);
    expect(await other.limits.failures.blocked("192.0.2.9")).toBeGreaterThan(0);
    expect(await failures.blocked("192.0.2.10")).toBeNull();
    expect(await failures.blocked(null)).toBeNull();
    setup.pass(31 * 60_000);
    expect(await failures.blocked("192.0.2.9")).toBeNull();
  });

  test("close the door while they cannot be counted", async () => {
    const away = async (): Promise<never> => {
      throw new CairnError("storage.unavailable", "Away.");
    };
    await using setup = await setUp();
    const broken = { ...setup.counters, look: away, hit: away, close: async () => undefined };
    await using other = await setUp({}, { counters: broken });
    await expect(other.limits.failures.blocked("192.0.2.9")).rejects.toMatchObject({ code: "storage.unavailable" });
    await expect(other.limits.failures.failed("192.0.2.9")).rejects.toMatchObject({ code: "storage.unavailable" });
  });
});
