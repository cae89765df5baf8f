import { makeFakeEmbedder } from "@cairn/testing/fake-embedder";
import { setUpOperations } from "@cairn/testing/setup-operations";
import { expect, test } from "vitest";
import { noteSpaceModel } from "../../embedding.ts";
import { embed } from "./embed.ts";

test("EMB-5 one text or many become vectors, and the answer names the model", async () => {
  const { call } = setUpOperations();
  const one = await call(embed, { input: "green tea" });
  expect(one).toMatchObject({ model: "fake-16@1", dimensions: 16, usage: { texts: 1, characters: 9 } });
  const many = await call(embed, { input: ["coffee", "green tea"], kind: "passage" });
  expect(many.embeddings.map(({ index }) => index)).toEqual([0, 1]);
  expect(many.embeddings[1]?.embedding).toEqual(one.embeddings[0]?.embedding);
  expect(many.embeddings[1]?.chunks).toEqual([]);
  const question = await call(embed, { input: ["green tea"], kind: "query" });
  expect(question.embeddings[0]?.embedding).toEqual(one.embeddings[0]?.embedding);
});

test("EMB-5 a call is metered by its texts", async () => {
  const { call, records } = setUpOperations();
  await call(embed, { input: ["a", "b", "c"] });
  expect(records.at(-1)).toMatchObject({ operation: "embedding.embed", outcome: "ok", usage: { embeddings: 3 } });
});

test("EMB-5 a text of several chunks has one common direction, and a vector a chunk", async () => {
  const halves = {
    ...makeFakeEmbedder(2),
    embedPassages: async () => [[Float32Array.of(1, 0), Float32Array.of(0, 1)]],
  };
  const { call } = setUpOperations({ embedder: halves });
  const { embeddings } = await call(embed, { input: "a long text" });
  expect(embeddings[0]?.chunks).toEqual([
    [1, 0],
    [0, 1],
  ]);
  const common = (embeddings[0]?.embedding ?? []) as readonly number[];
  expect(common.map((value) => value.toFixed(6))).toEqual(["0.707107", "0.707107"]);
});

test("EMB-5 what the model knows nothing of is all zeros", async () => {
  const { call } = setUpOperations();
  const { embeddings } = await call(embed, { input: ["…"] });
  expect(embeddings[0]?.embedding).toEqual(Array.from({ length: 16 }).fill(0));
});

test("EMB-5 base64 holds the same numbers", async () => {
  const { call } = setUpOperations();
  const plain = await call(embed, { input: "green tea" });
  const packed = await call(embed, { input: "green tea", encoding: "base64" });
  const bytes = Buffer.from(packed.embeddings[0]?.embedding as string, "base64");
  const numbers = Array.from({ length: 16 }, (_, axis) => bytes.readFloatLE(axis * 4));
  expect(numbers).toEqual(plain.embeddings[0]?.embedding);
});

test("EMB-5 with a space it is the space's model that answers", async () => {
  const old = makeFakeEmbedder(8);
  const { call, services } = setUpOperations({ embedderOf: async (model) => (model === old.model.id ? old : null) });
  const space = (await services.directory.resolve("default"))?.id ?? "";
  noteSpaceModel(services.engine, space, old.model);
  expect(await call(embed, { input: "x", space: "default" })).toMatchObject({ model: "fake-8@1", dimensions: 8 });
  expect(await call(embed, { input: "x" })).toMatchObject({ model: "fake-16@1" });
  noteSpaceModel(services.engine, space, makeFakeEmbedder(4).model);
  await expect(call(embed, { input: "x", space: "default" })).rejects.toMatchObject({ code: "embedding.unavailable" });
  await expect(call(embed, { input: "x", space: "elsewhere" })).rejects.toMatchObject({ code: "space.not_found" });
});

test.each([
  [{ input: [] }, /1 to 2048/u],
  [{ input: "" }, /1 to 50000/u],
  [{ input: ["fine", 7] }, /list of 1 to 2048/u],
  [{ input: Array.from({ length: 2_049 }, () => "a") }, /2048/u],
  [{ input: "a".repeat(50_001) }, /50000/u],
  [{ input: Array.from({ length: 50 }, () => "a".repeat(45_000)) }, /2000000 characters in all/u],
  [{ input: "a", kind: "both" }, /kind must be/u],
  [{}, /input/u],
])("EMB-5 %# is refused with what would be right", async (input, message) => {
  const { call } = setUpOperations();
  await expect(call(embed, input)).rejects.toMatchObject({
    code: "request.invalid",
    message: expect.stringMatching(message) as string,
  });
});

test("EMB-5 more numbers than can be written at once are refused, but not as base64", async () => {
  const { call } = setUpOperations({ embedder: makeFakeEmbedder(1_000) });
  const input = Array.from({ length: 600 }, (_, at) => `text ${at}`);
  await expect(call(embed, { input })).rejects.toMatchObject({ code: "request.invalid", data: { hint: /base64/u } });
  expect((await call(embed, { input, encoding: "base64" })).embeddings).toHaveLength(600);
});
