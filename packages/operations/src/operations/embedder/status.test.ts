import { makeFakeEmbedder } from "@cairn/testing/fake-embedder";
import { setUpOperations } from "@cairn/testing/setup-operations";
import { expect, test } from "vitest";
import { remember } from "../memories/remember.ts";
import { embedderStatus } from "./status.ts";

const fake = { id: "fake-16@1", dimensions: 16, provider: "testing" };

test("EMB-6 the status names the configured model, the space's own, and how far a change has come", async () => {
  const { call, services } = setUpOperations();
  const before = await call(embedderStatus, {});
  expect(before).toMatchObject({
    configured: fake,
    available: true,
    reason: null,
    space: { model: null, documents: 0, missing: 0, next: null },
  });
  await call(remember, { content: "one" });
  await call(remember, { content: "two" });
  const { id } = before.space;
  const next = makeFakeEmbedder(8).model;
  const writer = services.engine.write(id, { principal: "test", instance: "test" });
  await writer.prepareModel(next);
  const [first] = await services.engine.read(id).missingVectors(1, next.id);
  await writer.setVectors(next.id, [{ document: first!.document, vectors: [new Float32Array(8)] }]);
  expect((await call(embedderStatus, { space: "default" })).space).toEqual({
    id,
    model: fake,
    documents: 2,
    missing: 0,
    next: { model: next, missing: 1, done: 0.5 },
  });
});

test("EMB-4 the status says that the embedder does not answer, and how many texts wait for it", async () => {
  const { call, embedder } = setUpOperations();
  embedder.setAvailable(false);
  await call(remember, { content: "waits for its vector" });
  expect(await call(embedderStatus, {})).toMatchObject({
    available: false,
    reason: "The embedder is switched off.",
    space: { model: fake, documents: 1, missing: 1 },
  });
  embedder.setAvailable(true);
  expect(await call(embedderStatus, {})).toMatchObject({ available: true });
});

test("EMB-4 an embedder that is silent counts as unavailable after the deadline of a write", async () => {
  const silent = { ...makeFakeEmbedder(), embedQuery: () => new Promise<Float32Array>(() => undefined) };
  const { services } = setUpOperations();
  const settings = { ...services.settings, embeddingDeadlineMs: 1 };
  const { call } = setUpOperations({ embedder: silent, settings });
  expect(await call(embedderStatus, {})).toMatchObject({ available: false, reason: "It did not answer in time." });
});

test("EMB-6 the status is of spaces that the caller may see", async () => {
  const { call } = setUpOperations();
  await expect(call(embedderStatus, { space: "elsewhere" })).rejects.toMatchObject({ code: "space.not_found" });
});
