import { setUpOperations } from "@cairn/testing/setup-operations";
import { expect, test } from "vitest";
import { serving } from "../test-support.ts";
import { metricLines } from "./metrics.ts";

test("ENG-6 EMB-4 /metrics tells figures of the pool and of embedding, and nothing else", async () => {
  const { pipeline } = setUpOperations({ poolFigures: () => ({ hits: 7, epoch_lag: 0 }) });
  await using server = await serving(pipeline);
  const { status, type, text } = await server.send("GET", "/metrics");
  expect([status, type]).toEqual([200, "text/plain; version=0.0.4; charset=utf-8"]);
  const lines = text.trimEnd().split("\n");
  expect(lines).toContain("cairn_vector_pool_hits 7");
  expect(lines).toContain("cairn_vector_pool_epoch_lag 0");
  expect(lines).toContain("cairn_embedding_fallback 0");
  for (const line of lines) expect(line).toMatch(/^[a-z][a-z0-9_]* -?[\d.e+-]+$/u);
});

test("ENG-6 leaves out what is no number", () => {
  expect(
    metricLines("a", { bC: 1, text: "secret", none: null, not: Number.NaN, list: [1], deep: { on: true } }),
  ).toEqual(["a_b_c 1", "a_deep_on 1"]);
});
