/**
 * Where models lie: `<data>/models/<name>/<revision>/` for those that Cairn downloads, `<data>/models/<name>/` for
 * those that were put there by hand, or any folder that the settings name.
 */
import { readdir, stat } from "node:fs/promises";
import { homedir } from "node:os";
import { isAbsolute, join, resolve } from "node:path";
import { CairnError } from "@cairn/kernel/error";
import { catalogue, type CatalogueEntry, entryNamed } from "./catalogue.ts";
import { modelsFolder, usedModels } from "./used-models.ts";

/** Where a download of the entry is put; for one without a download, where it is looked for. */
export const folderOfEntry = (entry: CatalogueEntry, models: string): string =>
  entry.download === null ? join(models, entry.name) : join(models, entry.name, entry.download.revision);

const isFile = async (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isFile(),
    () => false,
  );

/** Whether somebody put a model there: the tokenizer is the one file that every model has under the same name. */
export const holdsModel = (folder: string): Promise<boolean> => isFile(join(folder, "tokenizer.json"));

export interface ModelPlace {
  readonly folder: string;
  /** Null for a model that only its folder knows. */
  readonly entry: CatalogueEntry | null;
}

/** Models that were used from folders elsewhere, and are still there. */
const usedElsewhere = async (data: string): Promise<readonly FoundModel[]> => {
  const all = await Promise.all(
    (await usedModels(data)).map(async ({ name, folder }): Promise<FoundModel | null> =>
      (await holdsModel(folder)) ? { name, folder, entry: entryNamed(name) } : null,
    ),
  );
  return all.filter((found) => found !== null);
};

/** The entry's folder: as downloaded, or put by hand under its name; null when neither is there. */
export const placeOfEntry = async (entry: CatalogueEntry, models: string): Promise<ModelPlace | null> => {
  for (const folder of [folderOfEntry(entry, models), join(models, entry.name)]) {
    if (await holdsModel(folder)) return { folder, entry };
  }
  return null;
};

/** Names never reach out of the models' folder. */
const isPlainName = (given: string): boolean => /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/u.test(given);
const looksLikeFolder = (given: string): boolean => isAbsolute(given) || /[/\\]|^\.{1,2}$/u.test(given);

const toPull = ({ name, download }: CatalogueEntry, models: string): string =>
  download === null ? `Put its files into ${join(models, name)}.` : `Download it with: cairn embedder pull ${name}`;

/**
 * The model that a setting such as `bge-small-en-v1.5`, `my-model` (a folder in `<data>/models`, or one that was used
 * before) or `/models/mine` means. A relative folder is one of `from`. Throws `embedder.unknown` for what is no model, and
 * `embedding.unavailable` for a known one that is not here (yet).
 */
export const findModel = async (given: string, data: string, from: string = data): Promise<ModelPlace> => {
  const models = modelsFolder(data);
  if (looksLikeFolder(given)) {
    const folder = resolve(from, given.replace(/^~(?=[/\\])/u, homedir()));
    if (await holdsModel(folder)) return { folder, entry: null };
    throw new CairnError("embedding.unavailable", `There is no model in ${folder}.`, {
      hint: "A model's folder has config.json, tokenizer.json and one .onnx file.",
    });
  }
  const entry = entryNamed(given);
  const used = async (): Promise<ModelPlace | null> => {
    const found = (await usedElsewhere(data)).find(({ name }) => name === (entry?.name ?? given));
    return found === undefined ? null : { folder: found.folder, entry };
  };
  if (entry !== null) {
    const place = (await placeOfEntry(entry, models)) ?? (await used());
    if (place !== null) return place;
    throw new CairnError("embedding.unavailable", `The model ${entry.name} is not on this machine.`, {
      hint: toPull(entry, models),
    });
  }
  const folder = join(models, given);
  if (isPlainName(given) && (await holdsModel(folder))) return { folder, entry: null };
  const elsewhere = isPlainName(given) ? await used() : null;
  if (elsewhere !== null) return elsewhere;
  const names = ["builtin", "openai", ...catalogue.map(({ name }) => name)].join(", ");
  throw new CairnError("embedder.unknown", "There is no embedder of this name.", {
    hint: `Known are ${names}; or give the path of a folder with a model.`,
  });
};

export interface FoundModel {
  readonly name: string;
  readonly folder: string;
  readonly entry: CatalogueEntry | null;
}

/** Every model in `<data>/models`, known ones first, and those that were used from elsewhere. */
export const modelsHere = async (data: string): Promise<readonly FoundModel[]> => {
  const models = modelsFolder(data);
  const found: FoundModel[] = [];
  for (const entry of catalogue) {
    const place = await placeOfEntry(entry, models);
    if (place !== null) found.push({ name: entry.name, folder: place.folder, entry });
  }
  const names: readonly string[] = await readdir(models).catch(() => []);
  for (const name of names.toSorted((one, other) => (one < other ? -1 : 1))) {
    const known = catalogue.some((entry) => entry.name === name);
    if (!known && isPlainName(name) && (await holdsModel(join(models, name))))
      found.push({ name, folder: join(models, name), entry: null });
  }
  for (const used of await usedElsewhere(data)) {
    if (!found.some(({ folder }) => folder === used.folder)) found.push(used);
  }
  return found;
};
