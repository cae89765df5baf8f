/**
 * The models of the quality tier that Cairn knows by name: what they are told and how they are read, so that a folder
 * needs no settings of its own, and for those that it can download, exactly which files.
 *
 * The ONNX file of a download is pinned by its SHA-256: it is code that runs in this process. The tokenizer and the
 * configuration beside it are data, pinned by the revision alone; their sums are recorded when they arrive.
 */

/** How the vectors of a text's tokens become one: their mean, or the vector of the first. */
export const poolings = ["mean", "cls"] as const;
export type Pooling = (typeof poolings)[number];

/** What a model reads of a passage. */
export const passageForms = ["text", "author: text", "[date] author: text"] as const;
export type PassageForm = (typeof passageForms)[number];

/** Everything beside the model's own files that changes a text's vectors. */
export interface ReadingSettings {
  readonly pooling: Pooling;
  /** Put before every question. */
  readonly queryPrefix: string;
  /** Put before every passage. */
  readonly passagePrefix: string;
  /** Tokens that are read at once, the special ones included. */
  readonly maxTokens: number;
  readonly passage: PassageForm;
}

export interface DownloadFile {
  readonly path: string;
  /** Lower-case hexadecimal; null where the revision alone says which file it is. */
  readonly sha256: string | null;
  /** More than this is not what was asked for. */
  readonly maxBytes: number;
}

export interface Download {
  /** The repository at the model host, such as `Xenova/bge-small-en-v1.5`. */
  readonly repository: string;
  readonly revision: string;
  readonly files: readonly DownloadFile[];
}

export interface CatalogueEntry {
  readonly name: string;
  readonly dimensions: number;
  /** About; for lists. */
  readonly bytes: number;
  readonly licence: string;
  readonly summary: string;
  readonly reading: ReadingSettings;
  /** Sums of ONNX files that are known to be this model, so that a folder is recognised whatever it is called. */
  readonly onnxSha256: readonly string[];
  /** Null: the folder is brought by hand. */
  readonly download: Download | null;
}

const megabyte = 1_000_000;

const bgeOnnx = "6c9c6101a956d62dfb5e7190c538226c0c5bb9cb27b651234b6df063ee7dbfe4";

export const catalogue: readonly CatalogueEntry[] = [
  {
    name: "bge-small-en-v1.5",
    dimensions: 384,
    bytes: 35 * megabyte,
    licence: "MIT",
    summary: "English, int8; the default of the quality tier",
    // The prefix and CLS pooling are the model card's (BAAI/bge-small-en-v1.5).
    reading: {
      pooling: "cls",
      queryPrefix: "Represent this sentence for searching relevant passages: ",
      passagePrefix: "",
      maxTokens: 256,
      passage: "[date] author: text",
    },
    onnxSha256: [bgeOnnx],
    download: {
      repository: "Xenova/bge-small-en-v1.5",
      revision: "ea104dacec62c0de699686887e3f920caeb4f3e3",
      files: [
        { path: "config.json", sha256: null, maxBytes: megabyte },
        { path: "tokenizer_config.json", sha256: null, maxBytes: megabyte },
        { path: "tokenizer.json", sha256: null, maxBytes: 10 * megabyte },
        { path: "onnx/model_quantized.onnx", sha256: bgeOnnx, maxBytes: 100 * megabyte },
      ],
    },
  },
  {
    name: "all-MiniLM-L6-v2",
    dimensions: 384,
    bytes: 24 * megabyte,
    licence: "Apache-2.0",
    summary: "English; a folder that you bring",
    reading: {
      pooling: "mean",
      queryPrefix: "",
      passagePrefix: "",
      maxTokens: 256,
      passage: "[date] author: text",
    },
    onnxSha256: ["5597c83c81e5e06619e908cc773ec08a78ba2d5991051891952965be2d6b4ad3"],
    download: null,
  },
];

export const entryNamed = (name: string): CatalogueEntry | null =>
  catalogue.find((entry) => entry.name.toLowerCase() === name.toLowerCase()) ?? null;

export const entryOfFile = (sha256: string): CatalogueEntry | null =>
  catalogue.find(({ onnxSha256 }) => onnxSha256.includes(sha256)) ?? null;
