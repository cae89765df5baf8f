/**
 * What is known of one HTTP request while it is under way: made when its head is there, named by the route that takes
 * it, told to those who count, log and trace when its last byte has left or its connection is gone.
 */
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { newId } from "@cairn/kernel/id";
import type { Caller } from "@cairn/operations/context";
import type { RateState } from "@cairn/operations/limits";

export interface RequestRecord {
  readonly requestId: string;
  /** A method that HTTP knows, or `other`. */
  readonly method: string;
  /** `performance.now()` when the head was there. */
  readonly started: number;
  /** Set by the route that takes the request: its pattern, such as `/v1/memories/{id}`. */
  route: string;
  /** Set where the request is traced. */
  traceId: string | null;
  /** The network address that it came from, after trusted proxies; set by who reads credentials. */
  address: string | null;
  /** Set once it is known who calls. */
  caller: Caller | null;
  /** Ids of the spaces that it used. */
  readonly spaces: Set<string>;
  /** How much of its rates the caller has left. */
  rates: readonly RateState[];
}

export interface RequestEnd {
  /** 499 when the client left before it was answered. */
  readonly code: number;
  /** Such as `2xx`; `left` when the client left. */
  readonly status: string;
  readonly seconds: number;
  /** Sent, the head included. */
  readonly bytes: number;
  /** Received, the head included. */
  readonly received: number;
}

export interface RequestObserver {
  /** Runs `run` where what it starts is seen as part of the request; what it returns is told of the end. */
  readonly begin: (
    record: RequestRecord,
    headers: IncomingHttpHeaders,
    run: () => void,
  ) => (record: RequestRecord, end: RequestEnd) => void;
}

const routine: ReadonlySet<string> = new Set(["/healthz", "/readyz", "/metrics"]);

/** Whether machines ask for it every few seconds: worth a number, and neither a log line nor a trace. */
export const isRoutine = (route: string): boolean => routine.has(route);

const requestIdPattern = /^[\w.-]{1,64}$/u;
const methods: ReadonlySet<string> = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]);
const records = new WeakMap<IncomingMessage, RequestRecord>();

/** The client's own `X-Request-Id` where it is short and harmless; a new one otherwise. */
export const requestIdOf = (headers: IncomingHttpHeaders): string => {
  const given = headers["x-request-id"];
  return typeof given === "string" && requestIdPattern.test(given) ? given : newId();
};

const makeRecord = ({ headers, method = "" }: IncomingMessage): RequestRecord => ({
  requestId: requestIdOf(headers),
  method: methods.has(method) ? method : "other",
  started: performance.now(),
  route: "none",
  traceId: null,
  address: null,
  caller: null,
  spaces: new Set(),
  rates: [],
});

/** The record of a request; made now where nobody watches requests. */
export const recordOf = (incoming: IncomingMessage): RequestRecord => {
  const known = records.get(incoming) ?? makeRecord(incoming);
  records.set(incoming, known);
  return known;
};

const statusClasses = ["0xx", "1xx", "2xx", "3xx", "4xx", "5xx"] as const;

const endOf = (outgoing: ServerResponse, started: number, bytes: number, received: number): RequestEnd => {
  const left = !outgoing.writableFinished;
  const code = left ? 499 : outgoing.statusCode;
  const status = left ? "left" : (statusClasses[Math.floor(code / 100)] ?? "0xx");
  return { code, status, seconds: (performance.now() - started) / 1_000, bytes, received };
};

export interface RequestWatch {
  /** Runs the handler of one request and tells the observer of its end. */
  readonly handle: (incoming: IncomingMessage, outgoing: ServerResponse, run: () => void) => void;
  readonly underWay: () => number;
  /** From now on every answer ends its connection, so that clients open their next one elsewhere. */
  readonly endConnections: () => void;
}

const endConnection = (outgoing: ServerResponse): void => {
  // Node then answers with `Connection: close` and ends the connection after the last byte.
  if (!outgoing.headersSent) outgoing.shouldKeepAlive = false;
};

export const watchRequests = (observer: RequestObserver | null): RequestWatch => {
  const open = new Set<ServerResponse>();
  // Of each connection, up to the end of its last request: a head is read before anyone is told of it.
  const readSoFar = new WeakMap<Socket, number>();
  let ending = false;
  return {
    handle: (incoming, outgoing, run) => {
      const record = recordOf(incoming);
      const { socket } = incoming;
      const before = socket.bytesWritten;
      open.add(outgoing);
      if (ending) endConnection(outgoing);
      let ended: ReturnType<RequestObserver["begin"]> | undefined;
      outgoing.once("close", () => {
        open.delete(outgoing);
        const received = socket.bytesRead - (readSoFar.get(socket) ?? 0);
        readSoFar.set(socket, socket.bytesRead);
        ended?.(record, endOf(outgoing, record.started, socket.bytesWritten - before, received));
      });
      if (observer === null) run();
      else ended = observer.begin(record, incoming.headers, run);
    },
    underWay: () => open.size,
    endConnections: () => {
      ending = true;
      for (const outgoing of open) endConnection(outgoing);
    },
  };
};
