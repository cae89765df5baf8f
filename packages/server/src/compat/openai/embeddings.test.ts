import { openRemoteModel } from "@cairn/embed/remote/remote-model";
import { makeFakeEmbedder } from "@cairn/testing/fake-embedder";
import { setUpOperations } from "@cairn/testing/setup-operations";
import { expect, test } from "vitest";
import { serving } from "../../test-support.ts";

const setUp = async () => {
  const operations = setUpOperations();
  const server = await serving(operations.pipeline);
  return { ...server, records: operations.records, [Symbol.asyncDispose]: server.close };
};

test("EMB-5 POST /v1/embed answers with vectors and the model", async () => {
  await using server = await setUp();
  const { status, json } = await server.send("POST", "/v1/embed", { input: ["one", "two"], kind: "query" });
  expect(status).toBe(200);
  expect(json).toMatchObject({ model: "fake-16@1", dimensions: 16, usage: { texts: 2, characters: 6 } });
  expect(json.embeddings[1]).toMatchObject({ index: 1, chunks: [] });
  expect(json.embeddings[1].embedding).toHaveLength(16);
  expect(server.records.at(-1)?.usage).toEqual({ embeddings: 2 });
});

test("EMB-5 a client of OpenAI's API can embed here", async () => {
  await using server = await setUp();
  const { json } = await server.send("POST", "/v1/embeddings", { input: "tea", model: "text-embedding-3-small" });
  expect(json).toMatchObject({
    object: "list",
    model: "fake-16@1",
    data: [{ object: "embedding", index: 0 }],
    usage: { prompt_tokens: 1, total_tokens: 1 },
  });
  expect(json.data[0].embedding).toHaveLength(16);
});

test("EMB-3 EMB-5 one Cairn can embed for another", async () => {
  await using server = await setUp();
  const options = { url: server.url, model: "any", dimensions: null, apiKey: null, price: null, warn: () => undefined };
  const model = await openRemoteModel(options);
  expect(model.model.dimensions).toBe(16);
  const [[vector] = []] = await model.encode(["green tea"], "passage");
  const own = await makeFakeEmbedder().embedQuery("green tea");
  for (const [axis, value] of own.entries()) expect(vector?.[axis]).toBeCloseTo(value, 6);
  await model.close();
});

test("EMB-5 other dimensions, and lists of tokens, are refused", async () => {
  await using server = await setUp();
  const dimensions = await server.send("POST", "/v1/embeddings", { input: "tea", dimensions: 99 });
  expect(dimensions).toMatchObject({ status: 422, json: { code: "request.invalid" } });
  const tokens = await server.send("POST", "/v1/embeddings", { input: [1, 2, 3] });
  expect(tokens).toMatchObject({ status: 422, json: { code: "request.invalid" } });
});

test("EMB-3 EMB-4 figures of the queue, the cache and the service can be asked for", async () => {
  await using server = await setUp();
  const { status, json } = await server.send("GET", "/v1/embedder/figures");
  expect(status).toBe(200);
  expect(json).toMatchObject({ model: { id: "fake-16@1" }, fallback: false, queue: null, cache: null, remote: null });
});
