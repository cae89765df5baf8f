/**
 * A folder with a model of the BERT family, as Hugging Face lays them out: config.json, tokenizer.json and one .onnx
 * file beside them or under `onnx/`. How its vectors are made of its tokens is said by the catalogue where the file is
 * known, by sentence-transformers' `1_Pooling/config.json`, or by a `cairn.json` of the user's, which wins.
 *
 * Every file is read once and hashed from the very bytes that are used.
 */
import { createHash } from "node:crypto";
import { readdir, readFile, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { CairnError } from "@cairn/kernel/error";
import { z } from "zod";
import {
  type CatalogueEntry,
  entryOfFile,
  passageForms,
  poolings,
  type Pooling,
  type ReadingSettings,
} from "../models/catalogue.ts";
import type { TokenizerOptions } from "../tokenizer/text-tokenizer.ts";

export interface ModelFolder {
  /** The catalogue's name, or the folder's; letters, digits and `. _ -` only. */
  readonly name: string;
  readonly onnx: Uint8Array;
  readonly onnxSha256: string;
  readonly tokenizer: unknown;
  readonly tokenizerSha256: string;
  readonly tokenizerOptions: TokenizerOptions;
  readonly reading: ReadingSettings;
  /** What positions the model has; longer input cannot be read. */
  readonly positions: number;
}

const largestText = 64_000_000;
/** ONNX files of two gigabytes and more keep their weights in files beside them, which are not read here. */
const largestOnnx = 2_000_000_000;

const hint = "A model's folder has config.json, tokenizer.json and one .onnx file, there or under onnx/.";
export const unusable = (message: string, cause?: unknown): CairnError =>
  new CairnError("model.invalid", message, { hint }, { cause });

const isAbsent = (error: unknown): boolean =>
  error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR");

/** Null when there is no such file. */
const readBounded = async (path: string, most: number): Promise<Uint8Array | null> => {
  try {
    const { size } = await stat(path);
    if (size > most) throw unusable(`${basename(path)} is too large.`);
    return await readFile(path);
  } catch (error) {
    if (isAbsent(error)) return null;
    throw error instanceof CairnError ? error : unusable(`${basename(path)} cannot be read.`, error);
  }
};

const readJson = async (path: string): Promise<{ readonly value: unknown; readonly sha256: string } | null> => {
  const bytes = await readBounded(path, largestText);
  if (bytes === null) return null;
  try {
    return { value: JSON.parse(Buffer.from(bytes).toString("utf8")) as unknown, sha256: sha256Of(bytes) };
  } catch (error) {
    throw unusable(`${basename(path)} is not valid JSON.`, error);
  }
};

const sha256Of = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

const config = z.looseObject({
  max_position_embeddings: z.int().positive().optional(),
  pad_token_id: z.int().nonnegative().nullish(),
  model_type: z.string().optional(),
});
const pooling = z.looseObject({
  pooling_mode_cls_token: z.boolean().optional(),
  pooling_mode_mean_tokens: z.boolean().optional(),
});
const tokenizerConfig = z.looseObject({
  remove_space: z.boolean().optional(),
  do_lowercase_and_remove_accent: z.boolean().optional(),
});
const own = z.strictObject({
  pooling: z.enum(poolings).optional(),
  queryPrefix: z.string().max(1_000).optional(),
  passagePrefix: z.string().max(1_000).optional(),
  maxTokens: z.int().min(16).max(8_192).optional(),
  passage: z.enum(passageForms).optional(),
});

const parse = <Schema extends z.ZodType>(schema: Schema, value: unknown, file: string): z.output<Schema> => {
  const found = schema.safeParse(value ?? {});
  if (found.success) return found.data;
  const [issue] = found.error.issues;
  const where = issue === undefined || issue.path.length === 0 ? "" : `${issue.path.join(".")}: `;
  throw unusable(`${file} of the model: ${where}${issue?.message ?? "not valid"}.`);
};

const poolingOf = (value: unknown): Pooling | undefined => {
  if (value === undefined) return undefined;
  const found = parse(pooling, value, "1_Pooling/config.json");
  if (found.pooling_mode_cls_token === true) return "cls";
  if (found.pooling_mode_mean_tokens === true) return "mean";
  throw unusable("The model pools in a way that is not supported; mean and cls are.");
};

/** What a model reads when nobody says otherwise: as measured for all-MiniLM-L6-v2. */
const usual: ReadingSettings = {
  pooling: "mean",
  queryPrefix: "",
  passagePrefix: "",
  maxTokens: 256,
  passage: "[date] author: text",
};

/** Of several, the smallest in numbers: quantized files are what this runtime is fastest with. */
const preferred = ["model_quantized.onnx", "model_int8.onnx", "model_uint8.onnx", "model.onnx"];
const rank = (name: string): number => (preferred.includes(name) ? preferred.indexOf(name) : preferred.length);

/** The model's file; with several of unknown names there is no telling which was meant. */
const onnxFile = async (folder: string): Promise<string> => {
  const inside = await Promise.all(
    [folder, join(folder, "onnx")].map(async (where) => {
      const names = await readdir(where).catch(() => []);
      return names.filter((name) => name.endsWith(".onnx")).map((name) => join(where, name));
    }),
  );
  const paths = inside.flat().toSorted((one, other) => rank(basename(one)) - rank(basename(other)));
  const [first, second] = paths;
  if (first === undefined) throw unusable("There is no .onnx file in the model's folder.");
  if (second !== undefined && rank(basename(first)) === preferred.length)
    throw unusable(`There are several .onnx files; name the one that is meant ${preferred[0]}.`);
  return first;
};

const safeName = (given: string): string =>
  given
    .replaceAll(/[^A-Za-z0-9._-]+/gu, "-")
    .replaceAll(/^-+|-+$/gu, "")
    .slice(0, 60) || "model";

/** A folder `<name>/<revision>` is called by its name. */
const folderName = (folder: string): string => {
  const last = basename(folder);
  return safeName(/^[0-9a-f]{40}$/u.test(last) ? basename(dirname(folder)) : last);
};

/** RoBERTa counts positions from the padding token's id onwards. */
const positionsOf = (found: z.infer<typeof config>): number => {
  const positions = found.max_position_embeddings ?? 512;
  const counted = /roberta|camembert/u.test(found.model_type ?? "");
  return counted ? positions - (found.pad_token_id ?? 1) - 1 : positions;
};

/**
 * Throws `model.invalid` for what is no model, and `embedding.unavailable` where there is no folder. `entry` says what
 * the caller takes it for; without it, a file that the catalogue knows is recognised by its sum.
 */
export const readModelFolder = async (folder: string, entry: CatalogueEntry | null = null): Promise<ModelFolder> => {
  const found = await stat(folder).catch(() => null);
  if (found?.isDirectory() !== true) {
    throw new CairnError("embedding.unavailable", "The model's folder is not there.", { hint });
  }
  const [tokenizer, given, options, pooled, cairn] = await Promise.all(
    ["tokenizer.json", "config.json", "tokenizer_config.json", "1_Pooling/config.json", "cairn.json"].map((file) =>
      readJson(join(folder, file)),
    ),
  );
  if (tokenizer === null || tokenizer === undefined)
    throw unusable("There is no tokenizer.json in the model's folder.");
  const onnx = await readBounded(await onnxFile(folder), largestOnnx);
  if (onnx === null) throw unusable("The model's .onnx file has gone.");
  const onnxSha256 = sha256Of(onnx);
  const known = entryOfFile(onnxSha256) ?? entry;
  const pooledAs = poolingOf(pooled?.value);
  const chosen = parse(own, cairn?.value, "cairn.json");
  const reading: ReadingSettings = {
    ...usual,
    ...(pooledAs === undefined ? {} : { pooling: pooledAs }),
    ...known?.reading,
    ...(JSON.parse(JSON.stringify(chosen)) as Partial<ReadingSettings>),
  };
  const positions = positionsOf(parse(config, given?.value, "config.json"));
  const { remove_space: spaces, do_lowercase_and_remove_accent: lower } = parse(
    tokenizerConfig,
    options?.value,
    "tokenizer_config.json",
  );
  return {
    name: known?.name ?? folderName(folder),
    onnx,
    onnxSha256,
    tokenizer: tokenizer.value,
    tokenizerSha256: tokenizer.sha256,
    tokenizerOptions: {
      ...(spaces === undefined ? {} : { remove_space: spaces }),
      ...(lower === undefined ? {} : { do_lowercase_and_remove_accent: lower }),
    },
    reading: { ...reading, maxTokens: Math.min(reading.maxTokens, positions) },
    positions,
  };
};
