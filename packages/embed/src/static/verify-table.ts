import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { dataFiles, dataFolder, tableUnusable } from "./data-folder.ts";

const covered = [dataFiles.weights, dataFiles.scales, dataFiles.vocabulary, dataFiles.shape];

/**
 * Compares the data of the built-in model with the SHA-256 sums in `MANIFEST.json`
 * (`{"files": {"table.i8": {"sha256": "…"}, …}}`). Not part of loading, which has to be quick: for `cairn doctor`,
 * tests and releases.
 *
 * True when every file is as listed, false when the folder has no manifest; throws `embedding.unavailable` when a file
 * is absent, not listed or different.
 */
export const verifyStaticTable = async (given?: string | URL): Promise<boolean> => {
  const folder = dataFolder(given);
  const manifest = await readFile(join(folder, dataFiles.manifest), "utf8").catch(() => null);
  if (manifest === null) return false;
  const expected = sumsOf(manifest);
  for (const name of covered) {
    const sum = await sha256(join(folder, name)).catch((error: unknown) => {
      throw tableUnusable(`${name} of the built-in embedding table cannot be read.`, error);
    });
    if (expected.get(name) !== sum) throw tableUnusable(`${name} is not the file that ${dataFiles.manifest} lists.`);
  }
  return true;
};

const sha256 = async (path: string): Promise<string> => {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path)) hash.update(chunk as Uint8Array);
  return hash.digest("hex");
};

const sumsOf = (manifest: string): ReadonlyMap<string, unknown> => {
  try {
    const { files } = JSON.parse(manifest) as {
      readonly files: Readonly<Record<string, { readonly sha256: unknown }>>;
    };
    return new Map(Object.entries(files).map(([name, entry]) => [name, entry.sha256]));
  } catch (error) {
    throw tableUnusable(`${dataFiles.manifest} of the built-in embedding table cannot be read.`, error);
  }
};
