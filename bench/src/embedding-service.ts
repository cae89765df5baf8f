/**
 * An embedding service on loopback that takes a fixed time, as one far away would, and counts what it is asked. Its
 * vectors depend on the text alone; they mean nothing, so it is for speed and not for quality.
 */
import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { setTimeout as pause } from "node:timers/promises";

const dimensions = 64;

export interface ServiceCounts {
  readonly calls: number;
  readonly texts: number;
}

export interface EmbeddingService {
  /** The base that clients of OpenAI's API take, ending in /v1. */
  readonly url: string;
  /** Since it was started. */
  readonly counts: () => ServiceCounts;
  readonly close: () => Promise<void>;
}

/** A unit vector whose direction is the text's hash. */
const vectorOf = (text: string): readonly number[] => {
  const bytes = createHash("sha512").update(text).digest();
  const values = Array.from({ length: dimensions }, (_, at) => (bytes[at % bytes.length] ?? 0) - 127.5);
  const length = Math.hypot(...values);
  return values.map((value) => value / length);
};

const inputOf = async (request: IncomingMessage): Promise<readonly string[]> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const { input } = JSON.parse(Buffer.concat(chunks).toString("utf8")) as { input: string | readonly string[] };
  return typeof input === "string" ? [input] : input;
};

/** Each call takes `callMs`, and `textMs` more for each text. */
export const startEmbeddingService = async (callMs: number, textMs: number): Promise<EmbeddingService> => {
  let calls = 0;
  let texts = 0;
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const input = await inputOf(request);
    calls += 1;
    texts += input.length;
    await pause(callMs + textMs * input.length);
    const data = input.map((text, index) => ({ object: "embedding", index, embedding: vectorOf(text) }));
    const usage = { prompt_tokens: input.length, total_tokens: input.length };
    response.writeHead(200, { "content-type": "application/json" });
    response.end(JSON.stringify({ object: "list", model: "bench", data, usage }));
  };
  const server = createServer((request, response) => {
    serve(request, response).catch(() => response.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  return {
    url: `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}/v1`,
    counts: () => ({ calls, texts }),
    close: async () => {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
};
