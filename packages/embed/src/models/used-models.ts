/**
 * What is known of the models that were opened, in `<data>/models/used.json`. A space whose vectors are of a model that
 * the settings no longer name finds it again wherever it lies, until the space has changed over (EMB-6); and a process
 * that only wants to know what the configured model is need not load it.
 */
import { createHash, randomBytes } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { catalogue, passageForms, poolings } from "./catalogue.ts";

export const modelsFolder = (data: string): string => join(data, "models");

const file = (data: string): string => join(modelsFolder(data), "used.json");
const most = 100;
const usedModel = z.object({
  id: z.string(),
  name: z.string(),
  dimensions: z.int().positive(),
  reading: z.object({
    pooling: z.enum(poolings),
    queryPrefix: z.string(),
    passagePrefix: z.string(),
    maxTokens: z.int(),
    passage: z.enum(passageForms),
  }),
  folder: z.string(),
  stamp: z.string(),
});

/** A model's facts, the folder that it was opened from last, and the stamp of its files then. */
export type UsedModel = Readonly<z.infer<typeof usedModel>>;
export type KnownFacts = Omit<UsedModel, "folder" | "stamp">;

/** In the order of their first use; some of the folders may have gone. */
export const usedModels = async (data: string): Promise<readonly UsedModel[]> => {
  try {
    return z.array(usedModel).parse(JSON.parse(await readFile(file(data), "utf8")));
  } catch {
    return [];
  }
};

/** Notes what a model was found to be; does nothing where that cannot be written. */
export const noteModel = async (data: string, folder: string, stamp: string, facts: KnownFacts): Promise<void> => {
  const others = (await usedModels(data)).filter(({ id }) => id !== facts.id).slice(-(most - 1));
  const fresh = `${file(data)}.${randomBytes(4).toString("hex")}.tmp`;
  try {
    await mkdir(modelsFolder(data), { recursive: true, mode: 0o700 });
    await writeFile(fresh, `${JSON.stringify([...others, { ...facts, folder, stamp }], undefined, 2)}\n`, {
      mode: 0o600,
    });
    await rename(fresh, file(data));
  } catch {
    await rm(fresh, { force: true }).catch(() => undefined);
  }
};

/** What the folder's model is, where it was noted and the stamp is still the same. */
export const knownModel = async (data: string, folder: string, stamp: string): Promise<KnownFacts | null> => {
  const found = (await usedModels(data)).findLast((used) => used.folder === folder && used.stamp === stamp);
  if (found === undefined) return null;
  const { id, name, dimensions, reading } = found;
  return { id, name, dimensions, reading };
};

const settings = ["tokenizer.json", "config.json", "tokenizer_config.json", "cairn.json", "1_Pooling/config.json"];

/**
 * Changes when a file of the model does, by size and time, or what Cairn makes of them: quick to take, and no promise.
 * Whoever relies on it compares the id when the model is opened.
 */
export const stampOf = async (folder: string, others: readonly unknown[]): Promise<string> => {
  const inside = async (where: string): Promise<readonly string[]> =>
    (await readdir(join(folder, where)).catch(() => []))
      .filter((name) => name.endsWith(".onnx"))
      .map((name) => join(where, name));
  const paths = [...settings, ...(await inside(".")), ...(await inside("onnx"))];
  const seen = await Promise.all(
    paths.map((path) =>
      stat(join(folder, path)).then(
        ({ size, mtimeMs }) => [path, size, mtimeMs],
        () => [path],
      ),
    ),
  );
  return createHash("sha256")
    .update(JSON.stringify([seen, others, catalogue]))
    .digest("hex")
    .slice(0, 16);
};
