/** The whole path with a real model, where it is at hand: `fixtures/test-models.ts` says where it is looked for. */
import { afterAll, describe, expect, test } from "vitest";
import type { Embedder } from "@cairn/memory/embedding/embedder";
import { CairnError } from "@cairn/kernel/error";
import { describeEmbedder, dot, passage } from "@cairn/testing/embedder-conformance";
import { plainEmbedder } from "../fixtures/plain-embedder.ts";
import { testModel } from "../fixtures/test-models.ts";
import { openOnnxModel } from "./onnx-model.ts";
import { openPairModel } from "./pair-model.ts";

const folder = testModel("all-MiniLM-L6-v2");

describe.skipIf(folder === null)("EMB-2: all-MiniLM-L6-v2 (CAIRN_TEST_MODELS names the folder of models)", async () => {
  if (folder === null) return;
  const model = await openOnnxModel({ folder });
  afterAll(() => model.close());

  /** The suite's embedders share one thread: what happens at closing is tested with the small model. */
  const make = (): Embedder => {
    let closed = false;
    const whenOpen = (): void => {
      if (closed) throw new CairnError("embedding.unavailable", "The embedder is closed.");
    };
    const plain = plainEmbedder(model);
    return {
      model: plain.model,
      embedQuery: async (text) => {
        whenOpen();
        return plain.embedQuery(text);
      },
      embedPassages: async (passages) => {
        whenOpen();
        return plain.embedPassages(passages);
      },
      close: async () => {
        closed = true;
      },
    };
  };
  describeEmbedder("all-MiniLM-L6-v2", {
    requirement: "EMB-2",
    unknownText: null,
    longText: "The river rose after a week of rain. ".repeat(20) + "Her violin lesson was moved. ".repeat(24),
    passages: 3,
    make,
  });

  test("EMB-2: it is recognised by its file and named with its dimensions", () => {
    expect(model.model).toMatchObject({ dimensions: 384, provider: "onnx" });
    expect(model.model.id).toMatch(/^all-MiniLM-L6-v2-384@[0-9a-f]{12}$/u);
  });

  test("EMB-2: “hello world” has the vector that the model's authors give, as far as int8 goes", async () => {
    const [[vector] = []] = await model.encode(["hello world"], "passage");
    const expected = [-0.031384, 0.04143, 0.002201, 0.031825, -0.034545];
    for (const [axis, value] of expected.entries()) expect(vector?.[axis]).toBeCloseTo(value, 2);
  });

  test("EMB-2: the same thread, another thread, alone or after others: the same bytes", async () => {
    const other = await openOnnxModel({ folder });
    const texts = ["She sails on Sundays.", "Where is the key?", "The ferry was late again because of the fog."];
    const together = await model.encode(texts, "passage");
    const elsewhere = await other.encode(texts.toReversed(), "passage");
    await other.close();
    expect(elsewhere.toReversed()).toEqual(together);
  });

  test("EMB-2: who and when are read with the text", async () => {
    const content = "I moved the meeting to the afternoon.";
    const of = { ...passage(content, "Grace"), occurredAt: Date.UTC(2023, 4, 8) };
    const [[named] = [], [bare] = []] = await model.encode([of, passage(content)].map(model.passageText), "passage");
    const [[question] = []] = await model.encode([model.queryText("What did Grace do in May 2023?")], "query");
    const nearness = [named, bare].map((vector) => dot(question as Float32Array, vector as Float32Array));
    expect(nearness[0]).toBeGreaterThan(nearness[1] ?? 1);
  });

  test("REC-4: an embedder is no cross-encoder", async () => {
    await expect(openPairModel({ folder })).rejects.toMatchObject({ code: "model.invalid" });
  });
});
