/**
 * OpenAI's `POST /v1/embeddings` on loopback over one of Cairn's own embedders, so that every memory in a comparison
 * gets the same vectors and what differs is the store and the ranking.
 */
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { Embedder, PassageVectors } from "@cairn/memory/embedding/embedder";

export interface EmbeddingServer {
  /** The base that clients of OpenAI's API take, ending in /v1. */
  readonly url: string;
  readonly close: () => Promise<void>;
}

const bodyLimit = 64 * 1024 * 1024;

const readBody = async (request: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    chunks.push(chunk as Buffer);
    size += (chunk as Buffer).length;
    if (size > bodyLimit) throw new Error("The body is too large.");
  }
  return Buffer.concat(chunks).toString("utf8");
};

/** One unit vector a text: the mean of its chunks. All zeros when the model knows nothing of it. */
const pooled = (vectors: PassageVectors, dimensions: number): readonly number[] => {
  const sum = new Float64Array(dimensions);
  for (const vector of vectors) for (const [axis, value] of vector.entries()) sum[axis] = (sum[axis] ?? 0) + value;
  const length = Math.hypot(...sum);
  return Array.from(sum, (value) => Math.fround(length === 0 ? 0 : value / length));
};

const textsOf = (body: string): readonly string[] => {
  const { input } = JSON.parse(body) as { input?: unknown };
  const texts: unknown[] = Array.isArray(input) ? input : [input];
  if (texts.every((text) => typeof text === "string")) return texts;
  throw new Error("input must be a text or a list of texts.");
};

const answer = (response: ServerResponse, status: number, body: object): void => {
  const text = JSON.stringify(body);
  response
    .writeHead(status, { "content-type": "application/json", "content-length": Buffer.byteLength(text) })
    .end(text);
};

/** Listens on a free port of 127.0.0.1. */
export const startEmbeddingServer = async (embedder: Embedder): Promise<EmbeddingServer> => {
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (request.method !== "POST" || request.url !== "/v1/embeddings") {
      return answer(response, 404, { error: { message: "There is only POST /v1/embeddings." } });
    }
    try {
      const texts = textsOf(await readBody(request));
      const passages = texts.map((content) => ({ content, author: null, occurredAt: null }));
      const vectors = await embedder.embedPassages(passages);
      const data = vectors.map((given, index) => ({
        object: "embedding",
        index,
        embedding: pooled(given, embedder.model.dimensions),
      }));
      const usage = { prompt_tokens: 0, total_tokens: 0 };
      answer(response, 200, { object: "list", model: embedder.model.id, data, usage });
    } catch (error) {
      answer(response, 400, { error: { message: error instanceof Error ? error.message : "Not understood." } });
    }
  };
  const server = createServer((request, response) => void serve(request, response));
  server.keepAliveTimeout = 600_000;
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}/v1`,
    close: async () => {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
};
