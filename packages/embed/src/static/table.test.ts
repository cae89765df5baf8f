import { createHash } from "node:crypto";
import { cp, mkdtemp, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import { describe, expect, test } from "vitest";

import { dataFolder } from "./data-folder.ts";
import { loadStaticTable, sharedStaticTable, vocabularyOf } from "./table.ts";
import { verifyStaticTable } from "./verify-table.ts";

const copyOfData = async () => {
  const folder = await mkdtemp(join(tmpdir(), "cairn-table-"));
  await cp(dataFolder(), folder, { recursive: true });
  return { folder, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) };
};

const names = ["table.i8", "scales.f32", "vocab.txt", "table.json"];
const writeManifest = async (folder: string): Promise<void> => {
  const entries = names.map(async (name) => {
    const sha256 = createHash("sha256")
      .update(await readFile(join(folder, name)))
      .digest("hex");
    return [name, { sha256 }] as const;
  });
  const files = Object.fromEntries(await Promise.all(entries));
  await writeFile(join(folder, "MANIFEST.json"), JSON.stringify({ files }));
};

const unavailable = expect.objectContaining({ code: "embedding.unavailable" });

describe("the table of the built-in model", () => {
  test("EMB-1: ships with the package, at most 8 MB, with 256 dimensions", () => {
    const table = sharedStaticTable();
    expect(table.dimensions).toBe(256);
    expect(table.weights.byteLength).toBe(table.rows * 256);
    expect(table.weights.byteLength + table.scales.byteLength).toBeLessThanOrEqual(8_000_000);
    const vocabulary = vocabularyOf(table);
    expect(vocabulary).toHaveLength(table.rows);
    expect([vocabulary[100], vocabulary[101], vocabulary[7592]]).toEqual(["[UNK]", "[CLS]", "hello"]);
  });

  test("EMB-1: is in memory once, and a clone for a worker shares it", () => {
    expect(sharedStaticTable()).toBe(sharedStaticTable());
    const table = sharedStaticTable();
    expect(table.weights).toBeInstanceOf(SharedArrayBuffer);
    expect(table.scales).toBeInstanceOf(SharedArrayBuffer);
  });

  test("EMB-1: loads from another folder, by path and by URL, under the same id", async () => {
    await using setup = await copyOfData();
    expect(loadStaticTable(setup.folder).modelId).toBe(sharedStaticTable().modelId);
    expect(loadStaticTable(pathToFileURL(`${setup.folder}/`)).modelId).toMatch(/^cairn-static-256@[0-9a-f]{8}$/);
  });

  test("EMB-1: another fit has another model id", async () => {
    await using setup = await copyOfData();
    const scales = await readFile(join(setup.folder, "scales.f32"));
    scales.writeFloatLE(scales.readFloatLE(4_000) * 1.001, 4_000);
    await writeFile(join(setup.folder, "scales.f32"), scales);
    expect(loadStaticTable(setup.folder).modelId).not.toBe(sharedStaticTable().modelId);
  });

  test.each(names)("EMB-1: a missing or short %s is a coded error", async (name) => {
    await using setup = await copyOfData();
    await truncate(join(setup.folder, name), 50);
    expect(() => loadStaticTable(setup.folder)).toThrow(unavailable);
    await rm(join(setup.folder, name));
    expect(() => loadStaticTable(setup.folder)).toThrow(unavailable);
  });

  test("EMB-1: contents are compared with the manifest on demand", async () => {
    await using setup = await copyOfData();
    await rm(join(setup.folder, "MANIFEST.json"), { force: true });
    expect(await verifyStaticTable(setup.folder)).toBe(false);
    await writeManifest(setup.folder);
    expect(await verifyStaticTable(setup.folder)).toBe(true);
    const rows = await readFile(join(setup.folder, "table.i8"));
    rows[1_000_000] = (rows[1_000_000] ?? 0) ^ 1;
    await writeFile(join(setup.folder, "table.i8"), rows);
    await expect(verifyStaticTable(setup.folder)).rejects.toEqual(unavailable);
    await writeFile(join(setup.folder, "MANIFEST.json"), "{");
    await expect(verifyStaticTable(setup.folder)).rejects.toEqual(unavailable);
  });
});
