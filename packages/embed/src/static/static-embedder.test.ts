import { tmpdir } from "node:os";
import { join } from "node:path";

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

const opened = (options: StaticEmbedderOptions = {}) => {
  const embedder = makeStaticEmbedder(options);
  return { embedder, [Symbol.asyncDispose]: () => embedder.close() };
};

const batch = (passages: number) =>
  Array.from({ length: passages }, (_, at) =>
    passage(`Fact ${at}: the ferry leaves at noon. `.repeat(20).slice(0, 500)),
  );

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

  test("EMB-1: other work goes on during a batch of 1,000 passages", async () => {
    await using setup = opened();
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
  });

  test("EMB-1: a request is not stuck behind a large one", async () => {
    await using setup = opened();
    const order: string[] = [];
    const large = setup.embedder.embedPassages(batch(1_500)).then(() => order.push("large"));
    const small = setup.embedder.embedPassages(batch(20)).then(() => order.push("small"));
    await Promise.all([large, small]);
    expect(order).toEqual(["small", "large"]);
  });

  test("EMB-1: alone and in a large batch a text gives the same bytes", async () => {
    await using setup = opened();
    const passages = batch(100);
    const alone = await Promise.all(passages.map((one) => setup.embedder.embedPassages([one])));
    expect(await setup.embedder.embedPassages(passages)).toEqual(alone.flat());
  });

  test("EMB-1: each vector has a buffer of its own", async () => {
    await using setup = opened();
    const [[first], [second]] = (await setup.embedder.embedPassages(batch(40))) as [Float32Array[], Float32Array[]];
    expect(first?.buffer.byteLength).toBe(256 * 4);
    expect(first?.buffer).not.toBe(second?.buffer);
  });

  test("EMB-1: a batch that is under way when the embedder closes is a coded error", async () => {
    const embedder = makeStaticEmbedder();
    const under = embedder.embedPassages(batch(500));
    await embedder.close();
    await expect(under).rejects.toEqual(unavailable);
  });

  test("EMB-1: a missing table is a coded error", () => {
    expect(() => makeStaticEmbedder({ dataFolder: join(tmpdir(), "cairn-no-such-folder") })).toThrow(unavailable);
  });
});
