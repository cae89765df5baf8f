/** A service over real HTTP that behaves as a test tells it to, one request after the other, and well otherwise. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { vectorOf } from "../queue/controlled-model.fixture.ts";
import type { Timing } from "./timing.ts";

export interface Asked {
  readonly path: string;
  readonly authorization: string | undefined;
  readonly model: string;
  readonly input: readonly string[];
  readonly encoding: string;
  readonly dimensions: number | undefined;
}

export type Behaviour = (asked: Asked, response: ServerResponse, request: IncomingMessage) => void;

export const base64Of = (vector: Float32Array): string =>
  Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength).toString("base64");

export interface Item {
  readonly index?: number;
  readonly embedding: unknown;
}

export const itemsOf = ({ input, encoding, dimensions = 4 }: Asked): Item[] =>
  input.map((text, index) => {
    const vector = vectorOf(text, dimensions);
    return { index, embedding: encoding === "base64" ? base64Of(vector) : [...vector] };
  });

export const sendJson = (response: ServerResponse, status: number, body: unknown, headers = {}): void => {
  response.writeHead(status, { "Content-Type": "application/json", ...headers });
  response.end(typeof body === "string" ? body : JSON.stringify(body));
};

export const well: Behaviour = (asked, response) =>
  sendJson(response, 200, { data: itemsOf(asked), usage: { total_tokens: asked.input.length * 3 } });

export const withItems =
  (change: (items: Item[], asked: Asked) => unknown): Behaviour =>
  (asked, response) =>
    sendJson(response, 200, { data: change(itemsOf(asked), asked) });

export const status =
  (code: number, headers: Readonly<Record<string, string>> = {}, message = "no"): Behaviour =>
  (_, response) =>
    sendJson(response, code, { error: { message } }, headers);

export const startService = async () => {
  const asked: Asked[] = [];
  const script: Behaviour[] = [];
  const otherwise = { behaviour: well };
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const body = JSON.parse(Buffer.concat(chunks).toString()) as Record<string, unknown>;
      const call: Asked = {
        path: request.url ?? "",
        authorization: request.headers.authorization,
        model: body["model"] as string,
        input: body["input"] as string[],
        encoding: body["encoding_format"] as string,
        dimensions: body["dimensions"] as number | undefined,
      };
      asked.push(call);
      (script.shift() ?? otherwise.behaviour)(call, response, request);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const close = async (): Promise<void> => {
    server.closeAllConnections();
    if (server.listening) await new Promise((resolve) => server.close(resolve));
  };
  return {
    url: `http://127.0.0.1:${port}/v1`,
    place: `127.0.0.1:${port}`,
    asked,
    /** What the next requests get, in order. */
    next: (...behaviours: Behaviour[]) => void script.push(...behaviours),
    always: (behaviour: Behaviour) => {
      otherwise.behaviour = behaviour;
    },
    close,
    [Symbol.asyncDispose]: close,
  };
};

/** Time that passes only by waiting: pauses are over at once, and a request's time is over when the test says so. */
export const makeFakeTiming = () => {
  const start = Date.parse("2026-03-14T12:00:00Z");
  const pauses: number[] = [];
  const deadlines = new Map<() => void, number>();
  let now = 1_000;
  const timing: Timing = {
    now: () => now,
    wall: () => start + now,
    random: () => 0.5,
    sleep: async (milliseconds, signal) => {
      if (milliseconds !== 60_000 && milliseconds !== 5_000) {
        pauses.push(milliseconds);
        now += milliseconds;
        return;
      }
      const { promise, resolve } = Promise.withResolvers<void>();
      deadlines.set(resolve, milliseconds);
      signal?.addEventListener("abort", () => resolve());
      await promise;
      deadlines.delete(resolve);
    },
  };
  return {
    timing,
    pauses,
    wallAt: (milliseconds: number) => new Date(start + now + milliseconds),
    pass: (milliseconds: number) => {
      now += milliseconds;
    },
    /** The time of every request under way is over. */
    expire: () => {
      for (const over of deadlines.keys()) over();
    },
  };
};
