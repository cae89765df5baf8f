import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { CairnError } from "@cairn/kernel/error";

export const dataFiles = {
  weights: "table.i8",
  scales: "scales.f32",
  vocabulary: "vocab.txt",
  shape: "table.json",
  manifest: "MANIFEST.json",
} as const;

/** `embedding.unavailable`: the data of the built-in model are absent or damaged. */
export const tableUnusable = (message: string, cause?: unknown): CairnError => {
  const hint = "Install Cairn again: its data files are missing or damaged.";
  return new CairnError("embedding.unavailable", message, { hint }, { cause });
};

/**
 * The folder with the data of the built-in model: `../../data/` of this module in the source tree, and `data/embed/`
 * beside the file when the code was bundled into one. `given`, a path or a file URL, replaces both.
 */
export const dataFolder = (given?: string | URL): string => {
  if (given !== undefined) return typeof given === "string" ? given : fileURLToPath(given);
  const candidates = ["../../data/", "./data/embed/"].map((path) => fileURLToPath(new URL(path, import.meta.url)));
  const found = candidates.find((folder) => existsSync(join(folder, dataFiles.weights)));
  if (found === undefined) throw tableUnusable(`The built-in embedding table is not in ${candidates.join(" nor in ")}`);
  return found;
};
