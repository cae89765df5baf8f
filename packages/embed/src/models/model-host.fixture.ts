/** A web server with files, for tests of downloads: it can cut a line, forget ranges, send elsewhere, or refuse. */
import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface Asked {
  readonly path: string;
  readonly range: string | undefined;
  readonly ifRange: string | undefined;
  readonly host: string | undefined;
}

/** What happens instead of the usual answer; false lets the usual one follow. */
export type Trouble = (request: IncomingMessage, response: ServerResponse, count: number) => boolean;

export const tagOf = (content: Uint8Array): string => `"${createHash("sha1").update(content).digest("hex")}"`;

export const openModelHost = async (files: Map<string, Uint8Array>) => {
  const asked: Asked[] = [];
  let trouble: Trouble = () => false;
  const server = createServer((request, response) => {
    // A proxy is asked with the whole address.
    const { pathname } = new URL(request.url ?? "/", "http://model.host");
    const { range, host } = request.headers;
    const ifRange = request.headers["if-range"];
    asked.push({ path: pathname, range, ifRange: typeof ifRange === "string" ? ifRange : undefined, host });
    if (trouble(request, response, asked.length)) return;
    const content = files.get(pathname);
    if (content === undefined) {
      response.writeHead(404).end("not here");
      return;
    }
    const tag = tagOf(content);
    const from = ifRange === tag ? Number(/^bytes=(\d+)-$/u.exec(range ?? "")?.[1] ?? 0) : 0;
    const rest = content.subarray(from);
    const headers = { etag: tag, "content-length": rest.length };
    if (from === 0) response.writeHead(200, headers);
    else
      response.writeHead(206, { ...headers, "content-range": `bytes ${from}-${content.length - 1}/${content.length}` });
    response.end(rest);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    files,
    asked,
    setTrouble: (next: Trouble): void => {
      trouble = next;
    },
    [Symbol.asyncDispose]: async (): Promise<void> => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
};

/** The first half of the file, and then the line is cut. */
export const cutAfterHalf =
  (content: Uint8Array, times: number): Trouble =>
  (_, response, count) => {
    if (count > times) return false;
    response.writeHead(200, { etag: tagOf(content), "content-length": content.length });
    response.write(content.subarray(0, content.length >> 1), () => response.destroy());
    return true;
  };
