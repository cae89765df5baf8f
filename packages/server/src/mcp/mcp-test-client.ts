/** A client of a few lines, for tests: JSON-RPC over a pair of streams, one message a line. */
import type { Readable, Writable } from "node:stream";
import { createInterface } from "node:readline";

// oxlint-disable-next-line typescript/no-explicit-any -- tests say what they expect of an answer.
type Loose = any;

export const mcpClient = (toServer: Writable, fromServer: Readable) => {
  const waiting = new Map<number, (message: Loose) => void>();
  const noise: string[] = [];
  let last = 0;
  createInterface({ input: fromServer }).on("line", (line) => {
    try {
      const message = JSON.parse(line) as { id?: number };
      const settle = message.id === undefined || message.id === null ? undefined : waiting.get(message.id);
      if (settle === undefined) noise.push(line);
      else settle(message);
    } catch {
      noise.push(line);
    }
  });
  const sendLine = (line: string): void => void toServer.write(`${line}\n`);
  const request = (method: string, params: object = {}): Promise<Loose> => {
    last += 1;
    const id = last;
    const { promise, resolve } = Promise.withResolvers<Loose>();
    waiting.set(id, resolve);
    sendLine(JSON.stringify({ jsonrpc: "2.0", id, method, params }));
    return promise;
  };
  const initialize = async (protocolVersion = "2025-06-18"): Promise<Loose> => {
    const answer = await request("initialize", {
      protocolVersion,
      capabilities: {},
      clientInfo: { name: "test", version: "1" },
    });
    sendLine(JSON.stringify({ jsonrpc: "2.0", method: "notifications/initialized" }));
    return answer;
  };
  /** The result of a tool, and its first text read as JSON where it is. */
  const tool = async (
    name: string,
    args: object = {},
  ): Promise<{ readonly result: Loose; readonly json: Loose; readonly text: string }> => {
    const { result, error } = await request("tools/call", { name, arguments: args });
    const text: string = result?.content?.[0]?.text ?? "";
    const json: Loose = /^\s*\{/u.test(text) ? JSON.parse(text) : undefined;
    return { result: result ?? { error }, json, text };
  };
  return { request, initialize, tool, sendLine, noise, end: () => toServer.end() };
};
