import { cp, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { makeTinyTextModel } from "../fixtures/tiny-model.ts";
import { entryNamed } from "./catalogue.ts";
import { findModel, modelsHere } from "./model-places.ts";
import { type KnownFacts, knownModel, modelsFolder, noteModel, stampOf, usedModels } from "./used-models.ts";

const setUp = async () => {
  const data = await mkdtemp(join(tmpdir(), "cairn-used-"));
  return { data, [Symbol.asyncDispose]: () => rm(data, { recursive: true, force: true }) };
};
const reading = { pooling: "mean", queryPrefix: "", passagePrefix: "", maxTokens: 256, passage: "text" } as const;
const facts = (name: string, hash: string): KnownFacts => ({ id: `${name}-48@${hash}`, name, dimensions: 48, reading });

test("EMB-6: a model that was used is found again by its name, in the folder that it was opened from last", async () => {
  await using setup = await setUp();
  await using one = await makeTinyTextModel();
  await using other = await makeTinyTextModel();
  const { data } = setup;
  await noteModel(data, one.folder, "s", facts("tiny", "1"));
  await noteModel(data, one.folder, "s", facts("bge-small-en-v1.5", "3"));
  await noteModel(data, other.folder, "s", facts("tiny", "1"));
  const bge = entryNamed("bge-small-en-v1.5");
  expect(await modelsHere(data)).toEqual([
    { name: "bge-small-en-v1.5", folder: one.folder, entry: bge },
    { name: "tiny", folder: other.folder, entry: null },
  ]);
  expect(await findModel("tiny", data)).toEqual({ folder: other.folder, entry: null });
  expect(await findModel("bge-small-en-v1.5", data)).toEqual({ folder: one.folder, entry: bge });
  expect(await readdir(modelsFolder(data))).toEqual(["used.json"]);
  await rm(other.folder, { recursive: true });
  expect((await modelsHere(data)).map(({ name }) => name)).toEqual(["bge-small-en-v1.5"]);
  await expect(findModel("tiny", data)).rejects.toMatchObject({ code: "embedder.unknown" });
});

test("EMB-6: what lies in the folder of models comes before what was used elsewhere", async () => {
  await using setup = await setUp();
  await using tiny = await makeTinyTextModel();
  const inside = join(modelsFolder(setup.data), "tiny");
  await noteModel(setup.data, tiny.folder, "s", facts("tiny", "1"));
  await noteModel(setup.data, inside, "s", facts("tiny", "2"));
  await cp(tiny.folder, inside, { recursive: true });
  expect(await findModel("tiny", setup.data)).toEqual({ folder: inside, entry: null });
  expect((await modelsHere(setup.data)).map(({ folder }) => folder)).toEqual([inside, tiny.folder]);
});

test("EMB-2: what a model is, is known as long as its files are as they were", async () => {
  await using setup = await setUp();
  await using tiny = await makeTinyTextModel();
  const { folder } = tiny;
  const stamp = await stampOf(folder, [1]);
  await noteModel(setup.data, folder, stamp, facts("tiny", "1"));
  expect(await knownModel(setup.data, folder, await stampOf(folder, [1]))).toEqual(facts("tiny", "1"));
  expect(await stampOf(folder, [2])).not.toBe(stamp);
  expect(await knownModel(setup.data, "/elsewhere", stamp)).toBeNull();
  for (const path of ["cairn.json", "onnx/other.onnx", "1_Pooling/config.json"]) {
    const before = await stampOf(folder, [1]);
    await tiny.write(path, "{}");
    expect(await stampOf(folder, [1])).not.toBe(before);
  }
});

test("EMB-6: notes that are damaged or cannot be written do no harm", async () => {
  await using setup = await setUp();
  await using tiny = await makeTinyTextModel();
  const { data } = setup;
  await noteModel(data, tiny.folder, "s", facts("a", "1"));
  await writeFile(join(modelsFolder(data), "used.json"), "{");
  expect(await usedModels(data)).toEqual([]);
  await noteModel(data, tiny.folder, "s", facts("a", "1"));
  expect(await usedModels(data)).toEqual([{ ...facts("a", "1"), folder: tiny.folder, stamp: "s" }]);
  await rm(modelsFolder(data), { recursive: true });
  await writeFile(modelsFolder(data), "a file");
  await noteModel(data, tiny.folder, "s", facts("a", "1"));
  expect(await usedModels(data)).toEqual([]);
});
