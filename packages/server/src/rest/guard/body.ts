/**
 * Reads a body into memory, up to a limit that is checked before the first byte where the client says the length,
 * and at every chunk where it does not. Slow and half-sent bodies are ended by the server's own timeouts.
 */
import type { IncomingMessage } from "node:http";
import { CairnError } from "@cairn/kernel/error";

export const bodyLimit = 8 * 1024 * 1024;
export const importLimit = 64 * 1024 * 1024;

const tooLarge = (limit: number): CairnError =>
  new CairnError("request.too_large", `The body is larger than ${limit / 1024 / 1024} MiB.`, {
    hint: "Send the memories in several calls.",
  });

/** The client went away, or was cut off for being slow: there is nobody left to answer. */
export const isDisconnect = (error: unknown): boolean =>
  error instanceof Error &&
  "code" in error &&
  (error.code === "ECONNRESET" || error.code === "ERR_STREAM_PREMATURE_CLOSE");

/** Throws request.too_large; rejects with the stream's error when the client goes away. */
export const readBody = async (incoming: IncomingMessage, limit: number): Promise<Buffer> => {
  if (Number(incoming.headers["content-length"] ?? 0) > limit) throw tooLarge(limit);
  const chunks: Buffer[] = [];
  let size = 0;
  return new Promise((resolve, reject) => {
    const settle = (finish: () => void) => (): void => {
      incoming.off("data", take);
      incoming.off("end", end);
      incoming.off("error", fail);
      incoming.off("close", gone);
      finish();
    };
    const take = (chunk: Buffer): void => {
      size += chunk.length;
      chunks.push(chunk);
      // The stream is not destroyed here: the answer must still reach the client, and the listener drains the rest.
      if (size > limit) settle(() => reject(tooLarge(limit)))();
    };
    const end = settle(() =>
      resolve(chunks.length === 1 ? (chunks[0] ?? Buffer.alloc(0)) : Buffer.concat(chunks, size)),
    );
    const fail = (error: Error): void => settle(() => reject(error))();
    const gone = settle(() => reject(Object.assign(new Error("The client went away."), { code: "ECONNRESET" })));
    incoming.on("data", take);
    incoming.on("end", end);
    incoming.on("error", fail);
    incoming.on("close", gone);
  });
};
