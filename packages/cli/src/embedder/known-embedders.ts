/** Every embedder that this machine has or could have, and which one the settings choose. */
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { catalogue } from "@cairn/embed/models/catalogue";
import { findModel, modelsHere } from "@cairn/embed/models/model-places";
import { sharedStaticTable } from "@cairn/embed/static/table";
import type { Settings } from "@cairn/server/settings";

export interface KnownEmbedder {
  readonly name: string;
  /** Null where only the model itself knows. */
  readonly dimensions: number | null;
  /** About; null for a service. */
  readonly bytes: number | null;
  /** Null for what has none, or is not here. */
  readonly folder: string | null;
  /** Whether it could be used now. */
  readonly available: boolean;
  readonly inUse: boolean;
  readonly summary: string;
}

/** What config.json says; models of this family call it so. */
const dimensionsOf = async (folder: string): Promise<number | null> => {
  try {
    const { hidden_size: size } = JSON.parse(await readFile(join(folder, "config.json"), "utf8")) as {
      readonly hidden_size?: unknown;
    };
    return typeof size === "number" ? size : null;
  } catch {
    return null;
  }
};

const files = ["model_quantized.onnx", "model_int8.onnx", "model_uint8.onnx", "model.onnx"];

/** Bytes of the first file with a usual name. */
const bytesOf = async (folder: string): Promise<number | null> => {
  for (const path of files.flatMap((file) => [join(folder, file), join(folder, "onnx", file)])) {
    const found = await stat(path).catch(() => null);
    if (found !== null) return found.size;
  }
  return null;
};

const hostOf = (url: string | null): string => (url === null ? "" : (URL.parse(url)?.host ?? ""));

export const knownEmbedders = async ({ data, embedding }: Settings): Promise<readonly KnownEmbedder[]> => {
  const { embedder, url, model, dimensions } = embedding;
  const place = ["builtin", "openai"].includes(embedder) ? null : await findModel(embedder, data).catch(() => null);
  const table = sharedStaticTable();
  const builtin: KnownEmbedder = {
    name: "builtin",
    dimensions: table.dimensions,
    bytes: table.weights.byteLength,
    folder: null,
    available: true,
    inUse: embedder === "builtin",
    summary: "ships with Cairn; nothing to download",
  };
  const here = await modelsHere(data);
  const known = catalogue.map((entry): KnownEmbedder => {
    const { name, bytes, summary } = entry;
    const folder = here.find((found) => found.entry === entry)?.folder ?? null;
    const inUse = embedder.toLowerCase() === name.toLowerCase() || (folder !== null && place?.folder === folder);
    return { name, dimensions: entry.dimensions, bytes, folder, available: folder !== null, inUse, summary };
  });
  const own = await Promise.all(
    here
      .filter(({ entry }) => entry === null)
      .map(async ({ name, folder }): Promise<KnownEmbedder> => ({
        name,
        dimensions: await dimensionsOf(folder),
        bytes: await bytesOf(folder),
        folder,
        available: true,
        inUse: place?.folder === folder,
        summary: "a folder of yours",
      })),
  );
  const listed = [...known, ...own];
  const elsewhere: KnownEmbedder[] = [];
  if (!["builtin", "openai"].includes(embedder) && !listed.some(({ inUse }) => inUse)) {
    const folder = place?.folder ?? null;
    elsewhere.push({
      name: embedder,
      dimensions: folder === null ? null : await dimensionsOf(folder),
      bytes: folder === null ? null : await bytesOf(folder),
      folder,
      available: folder !== null,
      inUse: true,
      summary: folder === null ? "configured, and not there" : "a folder of yours",
    });
  }
  const service: KnownEmbedder = {
    name: "openai",
    dimensions,
    bytes: null,
    folder: null,
    available: url !== null && model !== null,
    inUse: embedder === "openai",
    summary: url === null || model === null ? "any service that speaks OpenAI's API" : `${model} at ${hostOf(url)}`,
  };
  return [builtin, ...listed, ...elsewhere, service];
};
