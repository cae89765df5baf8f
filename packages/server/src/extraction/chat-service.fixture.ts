/** A chat service on a free port that answers as it is told, well or badly, and remembers what it was asked. */
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface AskedChat {
  readonly path: string;
  readonly authorization: string | undefined;
  // oxlint-disable-next-line typescript/no-explicit-any -- tests say what they expect of a request.
  readonly body: any;
}

export type ChatBehaviour = (asked: AskedChat, response: ServerResponse) => void;

export const sendJson = (response: ServerResponse, status: number, body: unknown, headers = {}): void => {
  response.writeHead(status, { "Content-Type": "application/json", ...headers });
  response.end(typeof body === "string" ? body : JSON.stringify(body));
};

export const says =
  (content: unknown): ChatBehaviour =>
  (_, response) =>
    sendJson(response, 200, { choices: [{ message: { role: "assistant", content } }] });

export const saysFacts = (...facts: readonly object[]): ChatBehaviour => says(JSON.stringify({ facts }));

export const refuses =
  (
    status: number,
    headers: Readonly<Record<string, string>> = {},
    body: unknown = { error: { message: "no" } },
  ): ChatBehaviour =>
  (_, response) =>
    sendJson(response, status, body, headers);

export const startChatService = async () => {
  const asked: AskedChat[] = [];
  const script: ChatBehaviour[] = [];
  const otherwise = { behaviour: saysFacts() };
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const call: AskedChat = {
        path: request.url ?? "",
        authorization: request.headers.authorization,
        body: JSON.parse(Buffer.concat(chunks).toString()),
      };
      asked.push(call);
      (script.shift() ?? otherwise.behaviour)(call, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/v1`,
    asked,
    /** What the next requests get, in order. */
    next: (...behaviours: readonly ChatBehaviour[]) => void script.push(...behaviours),
    always: (behaviour: ChatBehaviour) => {
      otherwise.behaviour = behaviour;
    },
    [Symbol.asyncDispose]: async (): Promise<void> => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};
