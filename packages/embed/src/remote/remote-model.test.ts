import { describeEmbedder, passage } from "@cairn/testing/embedder-conformance";
import { describe, expect, test } from "vitest";
import { vectorOf } from "../queue/controlled-model.fixture.ts";
import { makeQueuedEmbedder } from "../queue/queued-embedder.ts";
import { makeStaticEmbedder } from "../static/static-embedder.ts";
import { openRemoteModel } from "./remote-model.ts";
import { setUpRemote } from "./remote-setup.fixture.ts";
import { type Behaviour, sendJson, startService, status, well, withItems } from "./unruly-service.fixture.ts";

describe("a service that behaves", () => {
  test("EMB-3 texts become unit vectors in their order, with the key and the model that were set", async () => {
    await using setup = await setUpRemote();
    const near = (await setup.model.encode(["tea", "coffee"], "passage")).flat();
    for (const [index, text] of ["tea", "coffee"].entries()) {
      expect(Math.hypot(...(near[index] ?? []))).toBeCloseTo(1, 6);
      expect([...(near[index] ?? [])].map((value) => value.toFixed(5))).toEqual(
        [...vectorOf(text)].map((value) => value.toFixed(5)),
      );
    }
    expect(setup.service.asked).toEqual([
      expect.objectContaining({
        path: "/v1/embeddings",
        authorization: "Bearer sk-secret-key",
        model: "text-embedding-test",
        input: ["tea", "coffee"],
        dimensions: 4,
      }),
    ]);
    expect(setup.model.model).toEqual({
      id: `openai:text-embedding-test@4/${setup.service.place}`,
      dimensions: 4,
      provider: "openai",
    });
  });

  test("EMB-3 dimensions that are not set are found out once, and never sent", async () => {
    await using setup = await setUpRemote({ dimensions: null, apiKey: null });
    expect(setup.model.model.dimensions).toBe(4);
    await setup.model.encode(["x"], "query");
    expect(setup.service.asked).toHaveLength(2);
    expect(
      setup.service.asked.every(
        ({ dimensions, authorization }) => dimensions === undefined && authorization === undefined,
      ),
    ).toBe(true);
  });

  test("EMB-3 with dimensions from before, opening needs no network", async () => {
    await using setup = await setUpRemote({ dimensions: null, knownDimensions: 4 });
    expect(setup.service.asked).toHaveLength(0);
    expect(setup.model.model.dimensions).toBe(4);
  });

  test("EMB-3 a request has at most 2,048 texts, and grows to that while answers come quickly", async () => {
    await using setup = await setUpRemote();
    const texts = Array.from({ length: 9_000 }, (_, at) => `text ${at}`);
    const vectors = await setup.model.encode(texts, "passage");
    expect(vectors).toHaveLength(9_000);
    expect(vectors[8_999]).toEqual((await setup.model.encode(["text 8999"], "passage"))[0]);
    const sizes = setup.service.asked.map(({ input }) => input.length);
    expect(Math.max(...sizes)).toBe(2_048);
    expect(setup.model.batch.texts).toBe(2_048);
  });

  test("EMB-3 a request keeps to a number of tokens, and a long passage has a vector a piece", async () => {
    await using setup = await setUpRemote();
    const word = "remember ";
    const long = setup.model.passageText({ ...passage(word.repeat(5_500), "Ada"), occurredAt: Date.UTC(2023, 4, 8) });
    const vectors = await setup.model.encode(
      Array.from({ length: 20 }, () => long),
      "passage",
    );
    const [pieces = []] = vectors;
    expect(pieces.length).toBeGreaterThan(20);
    expect(setup.service.asked.length).toBeGreaterThan(1);
    for (const { input } of setup.service.asked) {
      expect(input.join("").length / 3).toBeLessThan(260_000);
      for (const piece of input) expect(piece).toMatch(/^\[8 May 2023\] Ada: remember/u);
    }
  });

  test("EMB-3 a question is one vector, however long; what holds nothing costs no request", async () => {
    await using setup = await setUpRemote();
    expect((await setup.model.encode(["why ".repeat(20_000)], "query"))[0]).toHaveLength(1);
    const asked = setup.service.asked.length;
    expect(await setup.model.encode(["", " \n"], "passage")).toEqual([[], []]);
    expect(await setup.model.encode([" "], "query")).toEqual([[new Float32Array(4)]]);
    expect(setup.service.asked).toHaveLength(asked);
  });

  test("EMB-3 cost is metered from what the service counts, else from an estimate", async () => {
    await using setup = await setUpRemote({ price: 20 });
    await setup.model.encode(["one", "two"], "passage");
    expect(setup.model.figures()).toMatchObject({
      requests: 1,
      texts: 2,
      tokens: 6,
      estimatedTokens: 0,
      cost: 0.00012,
    });
    setup.service.next(withItems((items) => items));
    await setup.model.encode(["three"], "passage");
    expect(setup.model.figures()).toMatchObject({ requests: 2, texts: 3, tokens: 8, estimatedTokens: 2 });
  });

  test("EMB-3 a service that writes numbers out, or knows no base64, is understood", async () => {
    await using setup = await setUpRemote();
    const numbers: Behaviour = (asked, response) => well({ ...asked, encoding: "float" }, response, {} as never);
    const strict: Behaviour = (asked, response, request) =>
      asked.encoding === "base64" ? status(400)(asked, response, request) : numbers(asked, response, request);
    setup.service.always(strict);
    const vectors = await setup.model.encode(["a", "b"], "passage");
    expect(vectors.flat()).toHaveLength(2);
    expect(setup.service.asked.map(({ encoding }) => encoding)).toEqual(["base64", "float"]);
    expect(setup.warnings).toEqual([]);
  });
});

test("EMB-3 an address or a key that cannot be is an error of the settings", async () => {
  const given = { model: "m", dimensions: 4, apiKey: null, price: null, warn: () => undefined };
  for (const url of ["openai.com", "ftp://openai.com", "https://key@openai.com/v1", ""])
    await expect(openRemoteModel({ ...given, url })).rejects.toMatchObject({ code: "config.invalid" });
  const error = await openRemoteModel({ ...given, url: "http://127.0.0.1:9", apiKey: "two\nlines" }).catch(
    (e: unknown) => e,
  );
  expect(error).toMatchObject({ code: "config.invalid" });
  expect(String(error)).not.toContain("lines");
});

describeEmbedder("a remote service behind the queue", {
  requirement: "EMB-3",
  unknownText: null,
  longText: `${"The river rose after a week of rain and people carried sand. ".repeat(40)}${"Her violin lesson was moved because the teacher is ill. ".repeat(40)}`,
  make: async () => {
    const inner = makeStaticEmbedder();
    const service = await startService();
    service.always((asked, response) => {
      void Promise.all(asked.input.map((text) => inner.embedQuery(text))).then((vectors) => {
        const data = vectors.map((vector, index) => ({
          index,
          embedding: [...(vector.some(Boolean) ? vector : vector.fill(1))],
        }));
        sendJson(response, 200, { data });
      });
    });
    const options = { model: "static", dimensions: 256, apiKey: null, price: null, warn: () => undefined };
    const model = await openRemoteModel({ ...options, url: service.url });
    const embedder = makeQueuedEmbedder({ ...model, model: { ...model.model, id: "openai:static@256/test" } });
    return {
      ...embedder,
      close: async () => {
        await embedder.close();
        await service.close();
      },
    };
  },
});
