/** What the tests of this package share: servers on free ports, and a way to send bytes that no client library would. */
import { connect } from "node:net";
import { once } from "node:events";
import type { Caller } from "@cairn/operations/context";
import type { Operation } from "@cairn/operations/operation";
import { parseInput, type Pipeline } from "@cairn/operations/pipeline";
import { listen, type ListenOptions } from "./rest/listen.ts";
import type { FailureLine } from "./observe/log.ts";

export interface StubCall {
  readonly operation: string;
  readonly input: unknown;
  readonly caller: Caller;
}

/** A pipeline that validates for real and answers as told: for tests of the edge alone. */
export const stubPipeline = (answer: (call: StubCall) => unknown): Pipeline => {
  const settings = {
    instance: "test-instance",
    version: "9.9.9",
    sessionRetentionMs: 0,
    deletedRetentionMs: 0,
    recallLimit: 50,
  };
  const call = async (operation: Operation, caller: Caller, input: unknown): Promise<unknown> =>
    answer({ operation: operation.name, input: parseInput(operation.input, input), caller });
  return { services: { settings, clock: Date.now } as unknown as Pipeline["services"], call: call as Pipeline["call"] };
};

/** A server on a free port, closed at the end of the scope; `failures` collects what it would have logged. */
export const serving = async (pipeline: Pipeline, options: Partial<ListenOptions> = {}) => {
  const failures: FailureLine[] = [];
  let shutdowns = 0;
  const server = await listen({
    pipeline,
    host: "127.0.0.1",
    port: 0,
    onShutdown: () => (shutdowns += 1),
    log: (line) => failures.push(line),
    ...options,
  });
  const send = async (method: string, path: string, body?: unknown, headers: Readonly<Record<string, string>> = {}) => {
    const response = await fetch(`${server.url}${path}`, {
      method,
      headers: { ...(body === undefined ? {} : { "Content-Type": "application/json" }), ...headers },
      ...(body === undefined
        ? {}
        : { body: typeof body === "string" || body instanceof Uint8Array ? (body as string) : JSON.stringify(body) }),
    });
    const text = await response.text();
    const type = response.headers.get("content-type") ?? "";
    // oxlint-disable-next-line typescript/no-explicit-any -- tests say what they expect of an answer.
    const json: any = type.includes("json") && text !== "" ? JSON.parse(text) : undefined;
    return { status: response.status, headers: response.headers, type, text, json };
  };
  return { ...server, failures, shutdowns: () => shutdowns, send, [Symbol.asyncDispose]: server.close };
};

export interface RawAnswer {
  readonly status: number;
  readonly text: string;
  /** Whether the server ended the connection. */
  readonly ended: boolean;
}

/** Sends bytes as they are and collects what comes back until the server ends it or nothing comes for a while. */
export const sendRaw = async (port: number, bytes: string | Uint8Array, quiet = 300): Promise<RawAnswer> => {
  const socket = connect(port, "127.0.0.1");
  await once(socket, "connect");
  let text = "";
  let ended = false;
  socket.setEncoding("utf8");
  socket.on("data", (chunk: string) => (text += chunk));
  socket.on("error", () => (ended = true));
  const over = new Promise<void>((resolve) => {
    socket.on("close", () => {
      ended = true;
      resolve();
    });
    socket.setTimeout(quiet, () => resolve());
  });
  socket.write(bytes);
  await over;
  socket.destroy();
  return { status: Number(/^HTTP\/1\.[01] (\d{3})/u.exec(text)?.[1] ?? 0), text, ended };
};
