import { readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { isCairnError } from "@cairn/kernel/error";
import { makeTinyTextModel } from "../fixtures/tiny-model.ts";
import { catalogue } from "../models/catalogue.ts";
import { readModelFolder } from "./model-folder.ts";

const failure = (work: Promise<unknown>) =>
  work.then(
    () => expect.unreachable("it should have failed"),
    (error: unknown) => {
      if (!isCairnError(error)) throw error;
      return { code: error.code, message: error.message, hint: error.data.hint };
    },
  );

describe("EMB-2: the folder of a model", () => {
  test.each<[what: string, path: string, content: string]>([
    ["a tokenizer that is no JSON", "tokenizer.json", "{"],
    ["a broken config.json", "config.json", "[]"],
    ["a setting that nobody knows", "cairn.json", '{"polling": "cls"}'],
    ["chunks of a size that makes no sense", "cairn.json", '{"maxTokens": 1}'],
    ["pooling that is not supported", "1_Pooling/config.json", '{"pooling_mode_max_tokens": true}'],
  ])("EMB-2: %s is a coded error that names the file", async (_, path, content) => {
    await using files = await makeTinyTextModel();
    await files.write(path, content);
    const found = await failure(readModelFolder(files.folder));
    expect(found).toMatchObject({ code: "model.invalid", hint: expect.stringContaining("tokenizer.json") });
    expect(found.message).toMatch(/tokenizer\.json|config\.json|cairn\.json|pools/u);
  });

  test("EMB-2: without a folder, a tokenizer or a model there is a coded error", async () => {
    await using files = await makeTinyTextModel();
    const { folder } = files;
    expect(await failure(readModelFolder(join(folder, "nowhere")))).toMatchObject({ code: "embedding.unavailable" });
    await rm(join(folder, "model.onnx"));
    expect(await failure(readModelFolder(folder))).toMatchObject({ code: "model.invalid" });
    await rm(join(folder, "tokenizer.json"));
    expect(await failure(readModelFolder(folder))).toMatchObject({ code: "model.invalid" });
  });

  test("EMB-2: of several files the quantized one is taken; without telling names none is", async () => {
    await using files = await makeTinyTextModel();
    const { folder, write } = files;
    const bytes = new Uint8Array(await readFile(join(folder, "model.onnx")));
    await write("onnx/model_fp16.onnx", "not this one");
    await write("onnx/model_quantized.onnx", bytes);
    await write("model.onnx", "nor this one");
    expect(new Uint8Array((await readModelFolder(folder)).onnx)).toEqual(bytes);
    await rm(join(folder, "onnx", "model_quantized.onnx"));
    await rename(join(folder, "model.onnx"), join(folder, "other.onnx"));
    expect(await failure(readModelFolder(folder))).toMatchObject({ message: expect.stringContaining("several") });
  });

  test("EMB-2: the settings of a catalogue entry hold, cairn.json wins over them, positions over both", async () => {
    const [entry] = catalogue;
    if (entry === undefined) return expect.unreachable("the catalogue is empty");
    await using files = await makeTinyTextModel();
    expect(await readModelFolder(files.folder, entry)).toMatchObject({ name: entry.name, reading: entry.reading });
    await files.write("cairn.json", JSON.stringify({ pooling: "mean", maxTokens: 400 }));
    expect((await readModelFolder(files.folder, entry)).reading).toEqual({
      ...entry.reading,
      pooling: "mean",
      maxTokens: 400,
    });
    await files.write(
      "config.json",
      JSON.stringify({ model_type: "xlm-roberta", max_position_embeddings: 130, pad_token_id: 1 }),
    );
    expect(await readModelFolder(files.folder, entry)).toMatchObject({ positions: 128, reading: { maxTokens: 128 } });
  });

  test("EMB-2: a folder is called by its name, a revision by the name above it", async () => {
    await using files = await makeTinyTextModel();
    const named = join(files.folder, "my model", "ea104dacec62c0de699686887e3f920caeb4f3e3");
    for (const file of ["config.json", "tokenizer.json", "model.onnx"])
      await files.write(
        join("my model", "ea104dacec62c0de699686887e3f920caeb4f3e3", file),
        await readFile(join(files.folder, file)),
      );
    expect((await readModelFolder(named)).name).toBe("my-model");
    expect((await readModelFolder(files.folder)).name).toBe("tiny");
  });
});
