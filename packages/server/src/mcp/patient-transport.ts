/**
 * The stdio transport, with patience at the end of its input: requests that arrived are answered before the
 * connection closes. A script may pipe its requests in and close the pipe at once; without this, its writes would be
 * carried out and never answered.
 */
import { PassThrough, type Readable, type Writable } from "node:stream";
import { StdioServerTransport } from "@modelcontextprotocol/server/stdio";
import type { Transport } from "@modelcontextprotocol/server";

/** Milliseconds that unanswered requests hold the connection after the input has ended. */
const patience = 10_000;
/** Bytes of one message: a bundle may come inline. */
const largestMessage = 128 * 1024 * 1024;

const has = (message: object, key: string): boolean => key in message;

export const patientTransport = (stdin: Readable, stdout: Writable): Transport => {
  const input = new PassThrough();
  const inner = new StdioServerTransport(input, stdout, { maxBufferSize: largestMessage });
  const unanswered = new Set<unknown>();
  let ending = false;
  const finish = (): void => {
    if (ending && unanswered.size === 0) input.end();
  };
  const answered = (id: unknown): void => {
    unanswered.delete(id);
    // The connection's own work after an answer comes first.
    setImmediate(finish);
  };
  const end = (): void => {
    ending = true;
    setTimeout(() => input.end(), patience).unref();
    // What was read last is still on its way through the parser.
    setImmediate(() => setImmediate(finish));
  };
  stdin.on("data", (chunk: Buffer) => void input.write(chunk));
  stdin.on("end", end);
  stdin.on("close", end);
  stdin.on("error", end);

  const transport: Transport = {
    start: () => {
      inner.onmessage = (message) => {
        if (has(message, "method") && "id" in message) unanswered.add(message.id);
        if ("method" in message && message.method === "notifications/cancelled") {
          answered((message.params as { readonly requestId?: unknown } | undefined)?.requestId);
        }
        transport.onmessage?.(message);
      };
      inner.onerror = (error) => transport.onerror?.(error);
      inner.onclose = () => {
        stdin.off("end", end);
        stdin.off("close", end);
        transport.onclose?.();
      };
      return inner.start();
    },
    send: async (message) => {
      await inner.send(message);
      if (!("method" in message) && "id" in message) answered(message.id);
    },
    close: () => inner.close(),
  };
  return transport;
};
