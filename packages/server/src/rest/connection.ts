/**
 * The sockets beneath the HTTP edge: how many, how slow, how large a head. Node ends what breaks these bounds; what
 * it cannot hand to a route (a broken head, a body that never ends) is answered here, with the same kind of problem.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { CairnError } from "@cairn/kernel/error";
import { newId } from "@cairn/kernel/id";
import { type Problem, problemMediaType, problemOf } from "./problem.ts";

export interface ConnectionLimits {
  /** Milliseconds until a request's head must be there. */
  readonly headersTimeout: number;
  /** Milliseconds until all of a request must be there. */
  readonly requestTimeout: number;
  /** Milliseconds that an idle connection is kept. */
  readonly keepAliveTimeout: number;
  /** Milliseconds between two looks at the clocks above. */
  readonly checkEvery: number;
  readonly connections: number;
  /** Bytes of request line and headers: a search of 10,000 characters fits, percent-encoded from any script. */
  readonly headBytes: number;
}

export const defaultConnectionLimits: ConnectionLimits = {
  headersTimeout: 10_000,
  requestTimeout: 60_000,
  keepAliveTimeout: 30_000,
  checkEvery: 1_000,
  connections: 512,
  headBytes: 160 * 1024,
};

/** Milliseconds without any byte in either direction, long enough for the largest import. */
const silence = 10 * 60_000;

interface HeadAnswer {
  readonly status: number;
  readonly reason: string;
  readonly problem: Problem;
}

const answerFor = (code: string): HeadAnswer => {
  const problem = (error: CairnError): Problem => problemOf(error, newId());
  if (code === "ERR_HTTP_REQUEST_TIMEOUT") {
    const error = new CairnError("request.timeout", "The request did not arrive in time.");
    return { status: 408, reason: "Request Timeout", problem: problem(error) };
  }
  if (code === "HPE_HEADER_OVERFLOW") {
    const error = new CairnError("request.too_large", "The address or the headers are too long.");
    return { status: 431, reason: "Request Header Fields Too Large", problem: { ...problem(error), status: 431 } };
  }
  const error = new CairnError("request.malformed", "This is not a valid HTTP request.");
  return { status: 400, reason: "Bad Request", problem: problem(error) };
};

const answerBrokenRequest = (error: NodeJS.ErrnoException, socket: Duplex): void => {
  if (error.code === "ECONNRESET" || !socket.writable) {
    socket.destroy();
    return;
  }
  const { status, reason, problem } = answerFor(error.code ?? "");
  const body = JSON.stringify(problem);
  const head = [
    `HTTP/1.1 ${status} ${reason}`,
    `Content-Type: ${problemMediaType}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    `X-Request-Id: ${problem.request_id}`,
    "X-Content-Type-Options: nosniff",
    "Cache-Control: no-store",
    "Connection: close",
  ];
  socket.end(`${head.join("\r\n")}\r\n\r\n${body}`, () => socket.destroy());
};

export const makeHttpServer = (
  listener: (incoming: IncomingMessage, outgoing: ServerResponse) => void,
  limits: ConnectionLimits,
): Server => {
  const server = createServer(
    {
      headersTimeout: limits.headersTimeout,
      requestTimeout: limits.requestTimeout,
      keepAliveTimeout: limits.keepAliveTimeout,
      connectionsCheckingInterval: limits.checkEvery,
      maxHeaderSize: limits.headBytes,
      // A missing Host is refused by our own guard, which says what to send.
      requireHostHeader: false,
    },
    listener,
  );
  server.maxConnections = limits.connections;
  server.timeout = silence;
  server.on("clientError", answerBrokenRequest);
  // No tunnels and no protocol changes: without a listener Node would keep such sockets for us.
  server.on("connect", (_request, socket) => socket.destroy());
  server.on("upgrade", (_request, socket) => socket.destroy());
  return server;
};
