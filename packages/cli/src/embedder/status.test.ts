import { expect, test } from "vitest";
import type { Host } from "../host.ts";
import type { Local } from "../local/open-local.ts";
import { showEmbedderStatus } from "./status.ts";

const model = (id: string) => ({ id, dimensions: 4, provider: "onnx" });

test("EMB-6: status tells what waits for vectors, what changes over and why a model is silent", async () => {
  const states = [
    {
      id: "a",
      model: model("old@1"),
      documents: 9,
      missing: 0,
      next: { model: model("new@1"), missing: 2, done: 7 / 9 },
    },
    { id: "b", model: model("new@1"), documents: 3, missing: 1, next: null },
    { id: "c", model: null, documents: 0, missing: 0, next: null },
  ];
  const call = async ({ name }: { readonly name: string }, { space = "a" }: { readonly space?: string }) =>
    name === "embedder.status"
      ? {
          configured: model("new@1"),
          available: false,
          reason: "It did not answer.",
          space: states.find(({ id }) => id === space),
        }
      : { spaces: states.map(({ id }) => ({ id, name: `space-${id}` })) };
  let out = "";
  const sink = { write: async (text: string) => void (out += text), isTTY: false, columns: () => 80 };
  const host = { env: {}, out: sink } as unknown as Host;
  await showEmbedderStatus(host, { call } as unknown as Local, undefined, false);
  expect(out).toContain("new@1, 4 dimensions, onnx: does not answer: It did not answer.");
  expect(out).toMatch(/space-a +old@1 +9 +changing to new@1: 77 %, 2 to do/u);
  expect(out).toMatch(/space-b +new@1 +3 +1 text found by words only/u);
  expect(out).toMatch(/space-c +none yet +0 +complete/u);
});
