import type { Embedder } from "@cairn/memory/embedding/embedder";
import { CairnError } from "@cairn/kernel/error";
import { expect, test } from "vitest";
import { vectorFloor } from "./vector-floor.ts";

/** Every text has its own direction, and all share another one. */
const cone = (
  common: number,
): Embedder & { readonly calls: () => number; readonly setAway: (away: boolean) => void } => {
  let calls = 0;
  let away = false;
  const vectorOf = (text: string): Float32Array => {
    const vector = new Float32Array(4_096);
    vector[0] = Math.sqrt(common);
    vector[1 + ([...text].reduce((sum, one) => sum * 31 + one.charCodeAt(0), 7) % 4_001)] = Math.sqrt(1 - common);
    return vector;
  };
  const check = (): void => {
    calls += 1;
    if (away) throw new CairnError("embedding.unavailable", "The embedder is away.");
  };
  return {
    model: { id: `cone-${common}`, dimensions: 4_096, provider: "onnx" },
    embedQuery: async (text) => {
      check();
      return vectorOf(text);
    },
    embedPassages: async (passages) => {
      check();
      return passages.map(({ content }) => [vectorOf(content)]);
    },
    close: async () => undefined,
    calls: () => calls,
    setAway: (value) => {
      away = value;
    },
  };
};

test("EMB-2 finds out, once for a model, how near texts are that have nothing in common", async () => {
  const narrow = cone(0.62);
  expect(await vectorFloor(narrow)).toBeCloseTo(0.62, 2);
  const { calls } = narrow;
  const before = calls();
  await vectorFloor(narrow);
  expect(calls()).toBe(before);
  expect(await vectorFloor(cone(0))).toBeLessThanOrEqual(0.05);
  expect(await vectorFloor(cone(0.999))).toBe(0.95);
});

test("EMB-3 tries again after a failure, and needs nothing of the built-in model", async () => {
  const remote = cone(0.5);
  remote.setAway(true);
  await expect(vectorFloor(remote)).rejects.toMatchObject({ code: "embedding.unavailable" });
  remote.setAway(false);
  expect(await vectorFloor(remote)).toBeCloseTo(0.5, 2);
  const builtin: Embedder = { ...cone(0.5), model: { id: "b", dimensions: 4_096, provider: "builtin" } };
  expect(await vectorFloor(builtin)).toBe(0);
});
