/**
 * Downloads a model of the catalogue into `<data>/models/<name>/<revision>/` (EMB-2). Its files come together in a
 * folder beside it, which takes the name when all are there: a model's folder is complete or absent. What is pinned is
 * compared with its sum, the rest is recorded in `cairn-model.json` as it came.
 */
import { createHash, randomBytes } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { CairnError, isCairnError } from "@cairn/kernel/error";
import { z } from "zod";
import type { CatalogueEntry, Download } from "./catalogue.ts";
import { downloadFile } from "./download-file.ts";
import { asFileFault } from "./file-fault.ts";
import { type Environment, failed, webAddress } from "./http-get.ts";
import { folderOfEntry } from "./model-places.ts";
import { type LockTimes, withPullLock } from "./pull-lock.ts";
import { modelsFolder } from "./used-models.ts";

export const defaultModelHost = "https://huggingface.co";

export interface PullProgress {
  readonly file: string;
  readonly done: number;
  /** Null where the server does not say. */
  readonly total: number | null;
  /** Another process is downloading the same model; this one waits. */
  readonly waiting: boolean;
}

export interface PullOptions {
  /** The data folder. */
  readonly data: string;
  /** `CAIRN_MODEL_URL` and the proxy variables are read from here. */
  readonly env?: Environment;
  readonly onProgress?: (progress: PullProgress) => void;
  readonly signal?: AbortSignal | undefined;
  readonly retryDelayMs?: number;
  readonly lockTimes?: LockTimes;
}

export interface PulledFile {
  readonly path: string;
  readonly sha256: string;
  readonly bytes: number;
  /** Whether the sum was known before. */
  readonly pinned: boolean;
}

export interface PulledModel {
  readonly folder: string;
  readonly files: readonly PulledFile[];
  /** False when all of it was here already. */
  readonly downloaded: boolean;
}

const recordName = "cairn-model.json";
const record = z.object({
  files: z.array(z.object({ path: z.string(), sha256: z.string(), bytes: z.number(), pinned: z.boolean() })),
});

const sumOf = async (path: string): Promise<{ readonly sha256: string; readonly bytes: number } | null> => {
  const hash = createHash("sha256");
  let bytes = 0;
  try {
    for await (const chunk of createReadStream(path)) {
      bytes += (chunk as Uint8Array).length;
      hash.update(chunk as Uint8Array);
    }
  } catch {
    return null;
  }
  return { sha256: hash.digest("hex"), bytes };
};

/** What the folder holds, when it is all as it was downloaded; null otherwise. */
const intact = async (folder: string, { files }: Download): Promise<readonly PulledFile[] | null> => {
  const text = await readFile(join(folder, recordName), "utf8").catch(() => "null");
  try {
    const noted = record.parse(JSON.parse(text)).files;
    for (const { path, sha256 } of files) {
      const note = noted.find((one) => one.path === path);
      const found = await sumOf(join(folder, path));
      if (found === null || found.sha256 !== note?.sha256 || (sha256 ?? found.sha256) !== found.sha256) return null;
    }
    return noted;
  } catch {
    return null;
  }
};

const fileUrl = (host: string, { repository, revision }: Download, path: string): URL =>
  webAddress(`${host.replace(/\/+$/u, "")}/${repository}/resolve/${revision}/${path}`);

const byHand = (entry: CatalogueEntry, folder: string): string => {
  const files = entry.download?.files.map(({ path }) => path).join(", ") ?? "";
  const other = `Behind a proxy set HTTPS_PROXY; for a mirror set CAIRN_MODEL_URL; or put ${files} into ${folder} by hand.`;
  return `${other} The built-in embedder goes on meanwhile.`;
};

const fetchAll = async (entry: CatalogueEntry, download: Download, part: string, options: PullOptions) => {
  const { env = process.env, onProgress, signal, retryDelayMs } = options;
  const files: PulledFile[] = [];
  for (const { path, sha256, maxBytes } of download.files) {
    const target = join(part, path);
    await mkdir(dirname(target), { recursive: true, mode: 0o700 });
    const here = await sumOf(target);
    const kept = here !== null && (sha256 === null || sha256 === here.sha256) ? here : null;
    const report = (done: number, total: number | null): void =>
      onProgress?.({ file: path, done, total, waiting: false });
    const url = fileUrl(env["CAIRN_MODEL_URL"] || defaultModelHost, download, path);
    const got =
      kept ?? (await downloadFile({ url, target, sha256, maxBytes, env, signal, onProgress: report, retryDelayMs }));
    files.push({ path, ...got, pinned: sha256 !== null });
  }
  const { repository, revision } = download;
  const noted = { name: entry.name, repository, revision, files };
  await writeFile(join(part, recordName), `${JSON.stringify(noted, undefined, 2)}\n`);
  return files;
};

/** The complete folder takes its place; one that was there, damaged, goes. */
const moveIn = async (part: string, folder: string): Promise<void> => {
  const old = `${folder}.${randomBytes(4).toString("hex")}.old`;
  await rename(folder, old).catch(() => undefined);
  await rename(part, folder);
  await rm(old, { recursive: true, force: true });
};

/**
 * Throws `model.download_failed` (with what to do instead), `model.invalid` when a file is not what was expected,
 * `storage.full`, `storage.read_only`; `embedder.unknown` for a model that is not downloaded but brought.
 */
export const pullModel = async (entry: CatalogueEntry, options: PullOptions): Promise<PulledModel> => {
  const { download } = entry;
  const models = modelsFolder(options.data);
  const folder = folderOfEntry(entry, models);
  if (download === null) {
    const message = `${entry.name} is not downloaded by Cairn.`;
    throw new CairnError("embedder.unknown", message, { hint: `Put its files into ${folder}.` });
  }
  const part = join(dirname(folder), `.${download.revision}.part`);
  const waiting = (): void => options.onProgress?.({ file: "", done: 0, total: null, waiting: true });
  const work = async (): Promise<PulledModel> => {
    const here = await intact(folder, download);
    if (here !== null) return { folder, files: here, downloaded: false };
    const files = await fetchAll(entry, download, part, options);
    await moveIn(part, folder);
    return { folder, files, downloaded: true };
  };
  try {
    await mkdir(dirname(folder), { recursive: true, mode: 0o700 });
    return await withPullLock(`${part}.lock`, work, waiting, options.signal, options.lockTimes);
  } catch (error) {
    options.signal?.throwIfAborted();
    const fault = asFileFault(error);
    if (isCairnError(fault) && fault.code === "model.download_failed")
      throw failed(fault.message, fault.cause, byHand(entry, dirname(folder)));
    throw fault;
  }
};
