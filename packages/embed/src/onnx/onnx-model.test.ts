import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { isCairnError } from "@cairn/kernel/error";
import { describeEmbedder, dot, passage } from "@cairn/testing/embedder-conformance";
import { plainEmbedder } from "../fixtures/plain-embedder.ts";
import { makeTinyTextModel, type TinyFolder, tinyId } from "../fixtures/tiny-model.ts";
import { noteModel, usedModels } from "../models/used-models.ts";
import type { TextModel } from "../queue/text-model.ts";
import { openOnnxModel, type OnnxModelOptions } from "./onnx-model.ts";

const tiny = await makeTinyTextModel();
afterAll(() => rm(dirname(tiny.folder), { recursive: true, force: true }));

describeEmbedder("a small ONNX model", {
  requirement: "EMB-2",
  unknownText: null,
  longText: "the cat naps on the couch. ".repeat(30) + "her piano lesson was moved. ".repeat(30),
  make: async () => plainEmbedder(await openOnnxModel({ folder: tiny.folder })),
});

const unruly = new URL("../fixtures/unruly-runtime.ts", import.meta.url).href;

interface Opened extends AsyncDisposable {
  readonly files: TinyFolder;
  readonly model: TextModel;
  readonly vector: (text: string) => Promise<Float32Array>;
}

const openIn = async (files: TinyFolder, options: Partial<OnnxModelOptions> = {}): Promise<Opened> => {
  const model = await openOnnxModel({ folder: files.folder, ...options });
  return {
    files,
    model,
    vector: async (text) => (await model.encode([text], "passage"))[0]?.[0] as Float32Array,
    [Symbol.asyncDispose]: async () => {
      await model.close();
      await files[Symbol.asyncDispose]();
    },
  };
};
const opened = async () => openIn(await makeTinyTextModel());

/** With a runtime that ends its thread at "friday" and answers nonsense to "bread". */
const openUnruly = async (): Promise<Opened> => {
  const files = await makeTinyTextModel();
  await files.write("model.onnx", JSON.stringify({ ends: tinyId("friday"), fails: tinyId("bread") }));
  return openIn(files, { runtime: unruly });
};

const setUpData = async () => {
  const path = await mkdtemp(join(tmpdir(), "cairn-data-"));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
};

const failure = (work: Promise<unknown>) =>
  work.then(
    () => expect.unreachable("it should have failed"),
    (error: unknown) => {
      if (!isCairnError(error)) throw error;
      return { code: error.code, ...error.data };
    },
  );

describe("EMB-2: when something fails", () => {
  test("EMB-2: without onnxruntime-node it says what to install", async () => {
    await using files = await makeTinyTextModel();
    const opening = openOnnxModel({ folder: files.folder, runtime: "cairn-no-such-package" });
    expect(await failure(opening)).toEqual({
      code: "embedding.unavailable",
      hint: expect.stringContaining("npm install onnxruntime-node@1.30.0"),
    });
  });

  test("EMB-2: what is no model is a coded error, and so is a folder that is not there", async () => {
    await using files = await makeTinyTextModel();
    await files.write("model.onnx", "these are no weights");
    expect(await failure(openOnnxModel({ folder: files.folder }))).toMatchObject({ code: "model.invalid" });
    expect(await failure(openOnnxModel({ folder: `${files.folder}/nowhere` }))).toMatchObject({
      code: "embedding.unavailable",
    });
  });

  test("EMB-2: a thread that ends fails its call only; the calls behind it are answered by another", async () => {
    await using setup = await openUnruly();
    const before = await setup.vector("cat");
    const [first, ending, next] = await Promise.allSettled(["cat", "friday", "cat"].map(setup.vector));
    expect([first, next]).toEqual([
      { status: "fulfilled", value: before },
      { status: "fulfilled", value: before },
    ]);
    expect(ending).toMatchObject({
      reason: { code: "embedding.unavailable", data: { retryAfterMs: expect.any(Number) } },
    });
  });

  test("EMB-2: an answer that is no number is an error, and the model goes on", async () => {
    await using setup = await openUnruly();
    expect(await failure(setup.vector("bread"))).toMatchObject({ code: "embedding.unavailable" });
    expect(await setup.vector("cat")).toHaveLength(2);
  });

  test("EMB-2: a folder that is deleted harms nothing until the thread must start again", async () => {
    await using setup = await openUnruly();
    await rm(setup.files.folder, { recursive: true });
    expect(await setup.vector("cat")).toHaveLength(2);
    await failure(setup.vector("friday"));
    expect(await failure(setup.vector("cat"))).toMatchObject({ code: "embedding.unavailable" });
  });

  test("EMB-2: another model in the same folder is never taken for the one that was opened", async () => {
    await using setup = await openUnruly();
    await setup.files.write("model.onnx", JSON.stringify({ ends: -1, fails: -1 }));
    await failure(setup.vector("friday"));
    expect(await failure(setup.vector("cat"))).toMatchObject({
      code: "embedding.unavailable",
      hint: expect.stringContaining("Start Cairn again"),
    });
  });

  test("EMB-2: a call that nobody waits for any more need not begin", async () => {
    await using setup = await opened();
    const { model } = setup;
    const gone = new AbortController();
    const first = model.encode(["cat ".repeat(3_000)], "passage");
    const second = model.encode(["sofa"], "passage", gone.signal);
    gone.abort(new Error("gone"));
    await expect(second).rejects.toThrow("gone");
    await expect(model.encode(["sofa"], "passage", gone.signal)).rejects.toThrow("gone");
    expect(await first).toHaveLength(1);
  });
});

describe("EMB-2: a model that was opened before", () => {
  test("EMB-2: is known at once, and loaded when something is asked", async () => {
    await using data = await setUpData();
    await using first = await openIn(await makeTinyTextModel(), { data: data.path });
    const { folder } = first.files;
    await expect.poll(() => usedModels(data.path)).toHaveLength(1);
    const known = await openOnnxModel({ folder, data: data.path, runtime: "node:os" });
    expect(known.model).toEqual(first.model.model);
    expect(known.passageText(passage("x", "Ada"))).toBe(first.model.passageText(passage("x", "Ada")));
    // node:os is there, but runs no models: that shows only now, and not again and again.
    const failures = await Promise.all([known, known].map(({ encode }) => failure(encode(["cat"], "query"))));
    expect(failures).toMatchObject([{ code: "embedding.unavailable" }, { code: "embedding.unavailable" }]);
    await known.close();
    const again = await openOnnxModel({ folder, data: data.path });
    expect(await again.encode(["cat"], "passage")).toEqual(await first.model.encode(["cat"], "passage"));
    await again.close();
  });

  test("EMB-2: is opened anew after a change, and without the package it is known to be missing", async () => {
    await using data = await setUpData();
    await using first = await openIn(await makeTinyTextModel(), { data: data.path });
    const { folder } = first.files;
    await expect.poll(() => usedModels(data.path)).toHaveLength(1);
    const absent = openOnnxModel({ folder, data: data.path, runtime: "cairn-no-such-package" });
    expect(await failure(absent)).toMatchObject({ hint: expect.stringContaining("npm install") });
    await first.files.write("cairn.json", JSON.stringify({ maxTokens: 100 }));
    const other = await openOnnxModel({ folder, data: data.path });
    expect(other.model.id).not.toBe(first.model.model.id);
    await other.close();
    expect(await usedModels(data.path)).toHaveLength(2);
  });

  test("EMB-2: what was noted wrongly is never taken for the model, and is put right", async () => {
    await using data = await setUpData();
    await using first = await openIn(await makeTinyTextModel(), { data: data.path });
    const { folder } = first.files;
    await expect.poll(() => usedModels(data.path)).toHaveLength(1);
    const [used] = await usedModels(data.path);
    if (used === undefined) return expect.unreachable("nothing was noted");
    await rm(join(data.path, "models"), { recursive: true });
    await noteModel(data.path, folder, used.stamp, { ...used, id: "tiny-48@000000000000" });
    const deceived = await openOnnxModel({ folder, data: data.path });
    expect(await failure(deceived.encode(["cat"], "query"))).toMatchObject({
      code: "embedding.unavailable",
      hint: expect.stringContaining("Start Cairn again"),
    });
    await deceived.close();
    expect((await usedModels(data.path)).at(-1)?.id).toBe(used.id);
    const next = await openOnnxModel({ folder, data: data.path });
    expect(next.model.id).toBe(used.id);
    await next.close();
  });
});

test("EMB-2: a question does not wait for the passages before it", async () => {
  await using setup = await opened();
  const order: string[] = [];
  const passages = setup.model.encode(["cat ".repeat(40_000)], "passage").then(() => order.push("passages"));
  const question = setup.model.encode(["where is the cat?"], "query").then(() => order.push("question"));
  await Promise.all([passages, question]);
  expect(order).toEqual(["question", "passages"]);
});

test("EMB-2: a model that is left open does not keep the process alive", async () => {
  const module = new URL("./onnx-model.ts", import.meta.url).href;
  const program = `
    const { openOnnxModel } = await import(${JSON.stringify(module)});
    const model = await openOnnxModel({ folder: ${JSON.stringify(tiny.folder)} });
    console.log((await model.encode(["the cat"], "query"))[0].length);`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", program], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let out = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (out += text));
  const [code] = (await once(child, "close")) as [number | null];
  expect({ code, out }).toEqual({ code: 0, out: "1\n" });
});

test("EMB-2: vectors are the same by any number of calls and texts in a call", async () => {
  await using setup = await opened();
  const texts = ["the cat naps", "her piano lesson", "bread with butter", "it rained all night"].map((content) =>
    setup.model.passageText(passage(content, "Ada")),
  );
  const together = await setup.model.encode(texts, "passage");
  const alone = await Promise.all(texts.map((text) => setup.model.encode([text], "passage")));
  expect(alone.flat()).toEqual(together);
  expect(dot(together[0]?.[0] as Float32Array, together[1]?.[0] as Float32Array)).toBeLessThan(0.9);
});
