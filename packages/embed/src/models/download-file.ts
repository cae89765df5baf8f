/**
 * One file from a web server, so that a cut line costs no more than what had not arrived. What arrives is kept in
 * `<file>.part`; the next attempt, or the next run, asks for the rest with `Range` and `If-Range` (RFC 9110, 13.1.5
 * and 14.2), so that a file that changed in between comes whole and is never put together of two. The name appears
 * only when every byte is there and, where its sum is known, is the right one.
 */
import { createHash, type Hash } from "node:crypto";
import { createReadStream } from "node:fs";
import { open, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import type { IncomingMessage } from "node:http";
import { basename } from "node:path";
import { setTimeout } from "node:timers/promises";
import { CairnError, isCairnError } from "@cairn/kernel/error";
import { asFileFault, codeOf } from "./file-fault.ts";
import { type Environment, failed, httpGet } from "./http-get.ts";

export interface FileDownload {
  readonly url: URL;
  readonly target: string;
  /** Lower-case hexadecimal; null where it is not known. */
  readonly sha256: string | null;
  readonly maxBytes: number;
  readonly env: Environment;
  readonly signal?: AbortSignal | undefined;
  /** Bytes of this file; the total is null where the server does not say. */
  readonly onProgress?: ((done: number, total: number | null) => void) | undefined;
  /** Before the second attempt; twice as long before each further one. */
  readonly retryDelayMs?: number | undefined;
  readonly silenceMs?: number | undefined;
}

export interface Downloaded {
  readonly sha256: string;
  readonly bytes: number;
}

const attempts = 4;

/** Only strong validators tell bytes apart (RFC 9110, 8.8.1). */
const strongTag = ({ headers }: IncomingMessage): string | null =>
  headers.etag !== undefined && headers.etag.startsWith('"') ? headers.etag : null;

const wrong = (file: string, what: string): CairnError =>
  new CairnError("model.invalid", `${file} ${what}; what arrived was removed.`, {
    hint: "Something between here and the model host may change files; try again later or bring the folder by hand.",
  });

/** How much is there to go on from, and the validator that it came with. */
const begun = async (part: string, url: URL): Promise<{ readonly size: number; readonly tag: string } | null> => {
  try {
    const note = JSON.parse(await readFile(`${part}.json`, "utf8")) as { readonly url: unknown; readonly tag: unknown };
    const { size } = await stat(part);
    return note.url === url.href && typeof note.tag === "string" && size > 0 ? { size, tag: note.tag } : null;
  } catch {
    return null;
  }
};

const drop = async (part: string): Promise<void> => {
  await Promise.all([rm(part, { force: true }), rm(`${part}.json`, { force: true })]);
};

const hashFile = async (path: string, hash: Hash): Promise<void> => {
  for await (const chunk of createReadStream(path)) hash.update(chunk as Uint8Array);
};

const numberIn = (text: string | undefined, pattern: RegExp): number | null => {
  const found = pattern.exec(text ?? "")?.[1];
  return found === undefined ? null : Number(found);
};

/** Worth another attempt: the server is busy, or the line was cut. */
class Interrupted extends Error {}

const statusError = (file: string, { host }: URL, status: number): Error => {
  if (status === 429 || status >= 500) return new Interrupted(`${host} answered ${status}`);
  const why = {
    401: "asks for a login for",
    403: "does not give out",
    404: "does not have",
    407: "cannot be reached for",
  };
  return failed(`${host} ${why[status as 404] ?? "has no usable answer for"} ${file} (status ${status}).`);
};

const lineCodes: readonly string[] = ["ECONNRESET", "EPIPE", "ETIMEDOUT", "ECONNABORTED", "ERR_STREAM_PREMATURE_CLOSE"];

/** One attempt, from where the part ends. */
const attempt = async (download: FileDownload, part: string): Promise<Downloaded> => {
  const { url, target, sha256, maxBytes, env, signal, onProgress, silenceMs } = download;
  const file = basename(target);
  // Without a sum nobody would notice a part that a power cut has spoilt.
  const resumed = sha256 === null ? null : await begun(part, url);
  const headers = resumed === null ? {} : { range: `bytes=${resumed.size}-`, "if-range": resumed.tag };
  const answer = await httpGet(url, { headers, env, signal, ...(silenceMs === undefined ? {} : { silenceMs }) });
  try {
    const status = answer.statusCode ?? 0;
    const range = answer.headers["content-range"];
    const goesOn = status === 206 && resumed !== null && numberIn(range, /^bytes (\d+)-/u) === resumed.size;
    if (!goesOn && status !== 200) {
      if (status !== 206 && status !== 416) throw statusError(file, url, status);
      await drop(part);
      throw new Interrupted("The rest that was sent does not fit.");
    }
    const before = goesOn ? resumed.size : 0;
    const total = goesOn ? numberIn(range, /\/(\d+)$/u) : numberIn(answer.headers["content-length"], /^(\d+)$/u);
    if ((total ?? 0) > maxBytes) throw wrong(file, "is larger than it can be");
    const hash = createHash("sha256");
    if (goesOn) await hashFile(part, hash);
    else {
      await drop(part);
      const tag = strongTag(answer);
      if (tag !== null) await writeFile(`${part}.json`, JSON.stringify({ url: url.href, tag }));
    }
    const handle = await open(part, goesOn ? "a" : "w");
    let bytes = before;
    try {
      onProgress?.(bytes, total);
      for await (const chunk of answer) {
        const received = chunk as Uint8Array;
        bytes += received.length;
        if (bytes > maxBytes) throw wrong(file, "is larger than it can be");
        hash.update(received);
        await handle.writeFile(received);
        onProgress?.(bytes, total);
      }
      await handle.sync();
    } finally {
      await handle.close();
    }
    if (total !== null && bytes !== total) throw new Interrupted("Not everything arrived.");
    const sum = hash.digest("hex");
    if (sha256 !== null && sum !== sha256) throw wrong(file, "is not the file that this version of Cairn expects");
    await rename(part, target);
    await drop(part);
    return { sha256: sum, bytes };
  } finally {
    answer.destroy();
  }
};

const unreachable = (url: URL, cause: unknown): CairnError =>
  failed(
    codeOf(cause) === "" || cause instanceof Interrupted
      ? `The connection to ${url.host} was cut again and again.`
      : `${url.host} cannot be reached (${codeOf(cause)}).`,
    cause,
  );

const worthRepeating = (error: unknown): boolean =>
  error instanceof Interrupted || lineCodes.includes(codeOf(error)) || /silent|aborted|hang up/u.test(String(error));

/**
 * Downloads to `target`; repeats up to four times what a cut line or a busy server interrupted. Throws
 * `model.download_failed`, `model.invalid` for a wrong sum or size (what arrived is removed), `storage.*`, and the
 * signal's reason when it aborts (what arrived is kept).
 */
export const downloadFile = async (download: FileDownload): Promise<Downloaded> => {
  const { url, target, signal, retryDelayMs = 1_000 } = download;
  const part = `${target}.part`;
  for (let tried = 1; ; tried += 1) {
    try {
      return await attempt(download, part);
    } catch (error) {
      signal?.throwIfAborted();
      const fault = asFileFault(error);
      if (isCairnError(fault) && fault.code === "model.invalid") await drop(part);
      if (isCairnError(fault)) throw fault;
      if (tried === attempts || !worthRepeating(error)) throw unreachable(url, error);
    }
    await setTimeout(retryDelayMs * 2 ** (tried - 1), undefined, signal === undefined ? {} : { signal });
  }
};
