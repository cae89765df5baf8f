import { CairnError } from "@cairn/kernel/error";
import type { Embedder } from "@cairn/memory/embedding/embedder";
import { remember } from "@cairn/operations/operations/memories/remember";
import { recall } from "@cairn/operations/operations/recall/recall";
import { makeFakeEmbedder } from "@cairn/testing/fake-embedder";
import { setUpOperations } from "@cairn/testing/setup-operations";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { startVectorJob, type VectorJobOptions } from "./vectors.ts";

beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] }));
afterEach(() => void vi.useRealTimers());

const patience = { after: 1_000, every: 60_000, firstPauseMs: 1_000, longestPauseMs: 8_000, random: () => 1 };

/** A server whose embedder may be switched off, and the job beside it; time stands until it is moved on. */
const setUp = async (options: VectorJobOptions = {}, given?: Embedder) => {
  const embedder = makeFakeEmbedder();
  const made: { due: (space: string) => void } = { due: () => undefined };
  const setup = setUpOperations({ embedder: given ?? embedder, vectorsDue: (space) => made.due(space) });
  const { services, call } = setup;
  const warnings: string[] = [];
  const failures: unknown[] = [];
  const space = (await services.directory.list())[0]!.id;
  const start = (more: VectorJobOptions = {}, other: Partial<typeof services> = {}) => {
    const job = startVectorJob(
      { ...services, ...other },
      {
        ...patience,
        warn: (line) => void warnings.push(line),
        failed: (error) => void failures.push(error),
        ...options,
        ...more,
      },
    );
    made.due = job.due;
    return job;
  };
  const stateOf = (id = space) => services.engine.read(id).vectorState();
  return {
    ...setup,
    embedder,
    call,
    space,
    start,
    stateOf,
    warnings,
    failures,
    pass: (ms: number) => vi.advanceTimersByTimeAsync(ms),
  };
};

describe("vectors that come later", () => {
  test("EMB-4 are made as soon as they are due, and after a restart without anybody asking", async () => {
    const embedder = makeFakeEmbedder();
    const { start, stateOf, call, pass } = await setUp({}, embedder);
    const first = start();
    embedder.setAvailable(false);
    await call(remember, { content: "the harbour opens at seven" });
    expect(await stateOf()).toMatchObject({ missing: 1 });
    embedder.setAvailable(true);
    await pass(300);
    expect(await stateOf()).toMatchObject({ missing: 0 });
    expect(first.status()).toMatchObject({ made: 1, waiting: 0, working: null });
    await first.stop();
    embedder.setAvailable(false);
    await call(remember, { content: "and closes at nine" });
    await pass(60_000);
    expect(await stateOf()).toMatchObject({ missing: 1 });
    embedder.setAvailable(true);
    const second = start();
    await pass(1_100);
    expect(await stateOf()).toMatchObject({ missing: 0 });
    await second.stop();
  });

  test("EMB-4 wait with growing pauses for an embedder that does not answer, and one warning is given", async () => {
    const embedder = makeFakeEmbedder();
    const asked: number[] = [];
    const counted: Embedder = {
      ...embedder,
      embedPassages: (passages, use) => {
        asked.push(performance.now());
        return embedder.embedPassages(passages, use);
      },
    };
    const { start, stateOf, call, pass, warnings, failures } = await setUp({}, counted);
    const job = start();
    embedder.setAvailable(false);
    await call(remember, { content: "the harbour opens at seven" });
    asked.length = 0;
    await pass(30_000);
    const pauses = asked.slice(1).map((at, index) => Math.round(at - asked[index]!));
    expect(pauses.slice(0, 5)).toEqual([1_000, 2_000, 4_000, 8_000, 8_000]);
    expect(job.status()).toMatchObject({ unavailable: ["fake-16@1"], waiting: 1 });
    embedder.setAvailable(true);
    await pass(8_100);
    expect(await stateOf()).toMatchObject({ missing: 0 });
    expect(warnings).toHaveLength(1);
    expect(failures).toEqual([]);
    expect(job.status()).toMatchObject({ unavailable: [], waiting: 0 });
    await job.stop();
  });

  test("EMB-4 are not asked for before the time that the service named", async () => {
    let asked = 0;
    const busy: Embedder = {
      ...makeFakeEmbedder(),
      embedPassages: () => {
        asked += 1;
        return Promise.reject(new CairnError("embedding.unavailable", "Too many requests.", { retryAfterMs: 6_000 }));
      },
    };
    const { start, call, pass } = await setUp({}, busy);
    const job = start();
    await call(remember, { content: "the harbour opens at seven" });
    asked = 0;
    await pass(300);
    expect(asked).toBe(1);
    await pass(5_900);
    expect(asked).toBe(1);
    await pass(2_000);
    expect(asked).toBe(2);
    await job.stop();
  });

  test("EMB-4 a text that the embedder refuses keeps no other from its vector, and is told of once a round", async () => {
    const embedder = makeFakeEmbedder();
    const picky: Embedder = {
      ...embedder,
      embedPassages: (passages, use) =>
        passages.some(({ content }) => content.includes("poison"))
          ? Promise.reject(new CairnError("request.invalid", "This text is refused."))
          : embedder.embedPassages(passages, use),
    };
    const { start, services, space, stateOf, pass, failures } = await setUp({ portion: 4 }, embedder);
    const { call } = setUpOperations({ ...services });
    embedder.setAvailable(false);
    for (const content of ["poison first", "harmless one", "more poison", "harmless two", "harmless three"]) {
      await call(remember, { content });
    }
    embedder.setAvailable(true);
    const job = start({}, { embedder: picky });
    await pass(1_100);
    expect(await stateOf(space)).toMatchObject({ missing: 2 });
    expect(failures).toMatchObject([{ code: "request.invalid" }]);
    await job.stop();
  });

  test("EMB-4 an embedder that refuses everything is not asked for every text of a space", async () => {
    const { start, services, call, pass, failures, embedder, stateOf } = await setUp({ portion: 4 });
    embedder.setAvailable(false);
    for (let at = 0; at < 20; at++) await call(remember, { content: `Number${at} waits` });
    let asked = 0;
    const broken: Embedder = {
      ...embedder,
      embedPassages: () => {
        asked += 1;
        return Promise.reject(new CairnError("model.invalid", "The model cannot be read."));
      },
    };
    const job = start({}, { ...services, embedder: broken });
    await pass(1_100);
    expect(asked).toBeLessThan(10);
    expect(failures).toMatchObject([{ code: "model.invalid" }]);
    expect(await stateOf()).toMatchObject({ missing: 20 });
    await job.stop();
  });

  test("EMB-4 of one space wait no longer because another's cannot be made", async () => {
    const { start, services, space, stateOf, call, pass, failures, embedder } = await setUp();
    const { id } = await services.directory.create({ name: "second", description: null });
    embedder.setAvailable(false);
    await call(remember, { content: "in the first" });
    await call(remember, { content: "in the second", space: "second" });
    embedder.setAvailable(true);
    const broken = {
      ...services.engine,
      write: ((given, actor) => {
        if (given === space) throw new Error("broken");
        return services.engine.write(given, actor);
      }) satisfies typeof services.engine.write,
    };
    const job = start({}, { engine: broken });
    await pass(1_100);
    expect(await stateOf(id)).toMatchObject({ missing: 0 });
    expect(failures).toHaveLength(1);
    await job.stop();
  });

  test("EMB-4 are left to the process that makes them already", async () => {
    const taken = new Set<string>();
    const { start, services, space, stateOf, call, pass, embedder } = await setUp({
      lease: async (name) =>
        taken.has(name) ? null : { renew: async () => undefined, release: async () => undefined },
    });
    embedder.setAvailable(false);
    await call(remember, { content: "one of two" });
    embedder.setAvailable(true);
    taken.add(space);
    const job = start({}, services);
    await pass(4_000);
    expect(await stateOf()).toMatchObject({ missing: 1 });
    taken.clear();
    await pass(6_000);
    expect(await stateOf()).toMatchObject({ missing: 0 });
    await job.stop();
  });
});

describe("change of model", () => {
  const next = makeFakeEmbedder(8);

  test("EMB-6 a space of another model changes over in the background and is found by meaning all the while", async () => {
    const { start, services, embedder, call, stateOf, pass } = await setUp({ portion: 2 });
    for (const content of ["otters swim", "herons wade", "geese fly", "cormorants dive", "ibises walk"]) {
      await call(remember, { content });
    }
    const changed = { ...services, embedder: next, embedderOf: async () => embedder };
    const job = start({}, changed);
    await pass(1_500);
    expect(await stateOf()).toEqual({ model: next.model, documents: 5, missing: 0, next: null });
    const after = setUpOperations(changed);
    expect(await after.call(recall, { query: "otters swim" })).toMatchObject({ embedder: "fake-8@1" });
    await job.stop();
  });

  test("EMB-6 goes on where another process stopped, and waits for an embedder that does not answer", async () => {
    const { start, services, space, call, stateOf, pass, warnings } = await setUp({ portion: 1 });
    for (const content of ["otters swim", "herons wade", "geese fly"]) await call(remember, { content });
    const slow = makeFakeEmbedder(8);
    let left = 1;
    const stopsAfterOne: Embedder = {
      ...slow,
      embedPassages: (passages, use) => {
        slow.setAvailable(left > 0);
        left -= 1;
        return slow.embedPassages(passages, use);
      },
    };
    const job = start({}, { ...services, embedder: stopsAfterOne });
    await pass(1_100);
    expect(await stateOf(space)).toMatchObject({ model: { id: "fake-16@1" }, next: { missing: 2 } });
    expect(warnings).toHaveLength(1);
    await job.stop();
    const second = start({}, { ...services, embedder: next });
    await pass(1_100);
    expect(await stateOf(space)).toMatchObject({ model: next.model, missing: 0, next: null });
    await second.stop();
  });

  test("EMB-6 does not wait for vectors of the old model, whose embedder may be gone", async () => {
    const { start, services, call, stateOf, pass, embedder } = await setUp();
    embedder.setAvailable(false);
    await call(remember, { content: "never embedded" });
    const job = start({}, { ...services, embedder: next });
    await pass(1_100);
    expect(await stateOf()).toMatchObject({ model: next.model, missing: 0 });
    await job.stop();
  });

  test("EMB-6 is called off once the settings name the space's own model again", async () => {
    const { start, services, space, call, stateOf, pass } = await setUp();
    await call(remember, { content: "stays as it is" });
    await services.engine.write(space, { principal: "test", instance: "test" }).prepareModel(next.model);
    const job = start();
    await pass(1_100);
    expect(await stateOf()).toMatchObject({ model: { id: "fake-16@1" }, next: null });
    await job.stop();
  });

  test("EMB-6 two servers with different settings do not change a space there and back for ever", async () => {
    const { start, services, call, pass, embedder, warnings } = await setUp({ every: 1_000 });
    await call(remember, { content: "fought over" });
    const switches: string[] = [];
    const engine = {
      ...services.engine,
      write: ((space, actor) => {
        const writer = services.engine.write(space, actor);
        const switchModel: typeof writer.switchModel = async (model) => {
          switches.push(model);
          return writer.switchModel(model);
        };
        return { ...writer, switchModel };
      }) satisfies typeof services.engine.write,
    };
    const embedderOf = async (model: string): Promise<Embedder | null> => (model === next.model.id ? next : embedder);
    const one = start({}, { ...services, engine, embedderOf });
    const other = start({ after: 1_500 }, { ...services, engine, embedderOf, embedder: next });
    await pass(60_000);
    expect(switches).toEqual(["fake-8@1", "fake-16@1"]);
    expect(warnings).toMatchObject([expect.stringContaining("from fake-8@1")]);
    await Promise.all([one.stop(), other.stop()]);
  });

  test("EMB-6 an embedder that only stands in for the configured one changes nothing", async () => {
    const { start, services, call, stateOf, pass } = await setUp();
    await call(remember, { content: "stays as it is" });
    const job = start({}, { ...services, embedder: next, changesModels: false });
    await pass(5_000);
    expect(await stateOf()).toMatchObject({ model: { id: "fake-16@1" }, next: null });
    await job.stop();
  });
});

test("EMB-4 stopping ends an embedding under way, and nothing is done afterwards", async () => {
  let aborted = false;
  const endless: Embedder = {
    ...makeFakeEmbedder(),
    embedPassages: (_passages, use) =>
      use?.signal === undefined
        ? Promise.reject(new CairnError("embedding.unavailable", "Not now."))
        : new Promise((_resolve, reject) => {
            use.signal?.addEventListener("abort", () => {
              aborted = true;
              reject(use.signal?.reason as Error);
            });
          }),
  };
  const { start, call, pass, failures, stateOf } = await setUp({}, endless);
  const job = start();
  await call(remember, { content: "never embedded" });
  await pass(300);
  expect(job.status().working).not.toBeNull();
  await job.stop();
  expect([aborted, failures]).toEqual([true, []]);
  job.due("anything");
  await pass(100_000);
  expect(await stateOf()).toMatchObject({ missing: 1 });
});
