import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import { describe, expect, test } from "vitest";

import { describeEmbedder, passage } from "@cairn/testing/embedder-conformance";

import { makeStaticEmbedder, type StaticEmbedderOptions } from "./static-embedder.ts";

const river = "The river rose after a week of rain and people carried sand to the bridge. ";
const suite = {
  requirement: "EMB-1",
  unknownText: "😀 😀",
  longText: river.repeat(12) + "Her violin lesson was moved to Tuesday because the teacher is ill. ".repeat(12),
};
describeEmbedder("the built-in embedder", { ...suite, make: () => makeStaticEmbedder() });
describeEmbedder("the built-in embedder without a thread", {
  ...suite,
  make: () => makeStaticEmbedder({ worker: false }),
});

const opened = (options: StaticEmbedderOptions = {}) => {
  const embedder = makeStaticEmbedder(options);
  return { embedder, [Symbol.asyncDispose]: () => embedder.close() };
};

const batch = (passages: number) =>
  Array.from({ length: passages }, (_, at) =>
    passage(`Fact ${at}: the ferry leaves at noon. `.repeat(20).slice(0, 500)),
  );

/** A worker module in a folder of its own. */
const workerModule = async (source: string) => {
  const folder = await mkdtemp(join(tmpdir(), "cairn-worker-"));
  const file = join(folder, "worker.mjs");
  await writeFile(file, source);
  return { workerUrl: pathToFileURL(file), folder, [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) };
};

const realWorker = JSON.stringify(new URL("./embed-worker.ts", import.meta.url).href);
const unavailable = expect.objectContaining({ code: "embedding.unavailable" });

describe("the built-in embedder", () => {
  test("EMB-1: works where no network can be reached", async () => {
    const { fetch } = globalThis;
    globalThis.fetch = () => Promise.reject(new Error("no network"));
    try {
      await using setup = opened();
      expect((await setup.embedder.embedPassages([passage("a boat")]))[0]).toHaveLength(1);
    } finally {
      globalThis.fetch = fetch;
    }
  });

  test.each([true, false])(
    "EMB-1: other work goes on during a batch of 1,000 passages (worker: %s)",
    async (worker) => {
      await using setup = opened({ worker });
      await setup.embedder.embedPassages(batch(20));
      const before = await setup.embedder.embedQuery("ferry");
      let turns = 0;
      let running = true;
      const count = (): void => {
        turns += 1;
        if (running) setImmediate(count);
      };
      setImmediate(count);
      const vectors = await setup.embedder.embedPassages(batch(1_000));
      running = false;
      expect(vectors).toHaveLength(1_000);
      expect(turns).toBeGreaterThan(10);
      expect(await setup.embedder.embedQuery("ferry")).toEqual(before);
    },
  );

  test.each([true, false])("EMB-1: a request is not stuck behind a large one (worker: %s)", async (worker) => {
    await using setup = opened({ worker });
    const order: string[] = [];
    const large = setup.embedder.embedPassages(batch(1_500)).then(() => order.push("large"));
    const small = setup.embedder.embedPassages(batch(20)).then(() => order.push("small"));
    await Promise.all([large, small]);
    expect(order).toEqual(["small", "large"]);
  });

  test("EMB-1: a thread and the calling thread give the same bytes", async () => {
    await using threaded = opened();
    await using inline = opened({ worker: false });
    const passages = batch(100);
    expect(await threaded.embedder.embedPassages(passages)).toEqual(await inline.embedder.embedPassages(passages));
  });

  test("EMB-1: each vector has a buffer of its own", async () => {
    await using setup = opened();
    const [[first], [second]] = (await setup.embedder.embedPassages(batch(40))) as [Float32Array[], Float32Array[]];
    expect(first?.buffer.byteLength).toBe(256 * 4);
    expect(first?.buffer).not.toBe(second?.buffer);
  });

  test("EMB-1: a thread that dies is replaced and its passages are embedded", async () => {
    await using fixture = await workerModule(`
      import { existsSync, writeFileSync } from "node:fs";
      import { parentPort } from "node:worker_threads";
      const mark = new URL("./died", import.meta.url);
      if (existsSync(mark)) await import(${realWorker});
      else parentPort.on("message", () => { writeFileSync(mark, ""); process.exit(3); });
    `);
    await using setup = opened({ workerUrl: fixture.workerUrl });
    await using other = opened({ worker: false });
    expect(await setup.embedder.embedPassages(batch(50))).toEqual(await other.embedder.embedPassages(batch(50)));
  });

  test("EMB-1: a thread that always dies is a coded error, and questions still work", async () => {
    await using fixture = await workerModule("throw new Error('broken');");
    await using setup = opened({ workerUrl: fixture.workerUrl });
    const requests = [setup.embedder.embedPassages(batch(50)), setup.embedder.embedPassages(batch(60))];
    for (const request of await Promise.allSettled(requests))
      expect(request).toEqual({ status: "rejected", reason: unavailable });
    expect((await setup.embedder.embedQuery("ferry")).some((value) => value !== 0)).toBe(true);
  });

  test("EMB-1: a worker module that is absent is a coded error", async () => {
    await using setup = opened({ workerUrl: new URL("./absent-worker.ts", import.meta.url) });
    await expect(setup.embedder.embedPassages(batch(50))).rejects.toEqual(unavailable);
  });

  test("EMB-1: a missing table is a coded error", () => {
    expect(() => makeStaticEmbedder({ dataFolder: join(tmpdir(), "cairn-no-such-folder") })).toThrow(unavailable);
  });
});
