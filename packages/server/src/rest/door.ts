/**
 * The port of a server: opened early, so that whoever started the server can probe it while storage is being opened and
 * migrated; closed without cutting off calls that are under way. Until it is told who answers, it says that it lives
 * and is not ready.
 */
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { CairnError, toCairnError } from "@cairn/kernel/error";
import { recordOf } from "../observe/request-record.ts";
import { safeHeaders } from "./app.ts";
import { type ConnectionLimits, defaultConnectionLimits, makeHttpServer } from "./connection.ts";
import { problemMediaType, problemOf } from "./problem.ts";

export interface DoorOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** Milliseconds that calls under way may take once the port closes. */
  readonly patienceMs?: number;
  readonly limits?: Partial<ConnectionLimits>;
  /** Whether calls need a credential: only then others than this machine are let in. */
  readonly signsIn?: boolean;
  /** Told of a socket's error after the port is open. */
  readonly failed: (error: Error) => void;
}

export type Handler = (incoming: IncomingMessage, outgoing: ServerResponse) => void;

export interface Door {
  readonly port: number;
  /** From now on this answers. */
  readonly answerWith: (handler: Handler) => void;
  /** Takes no new connections, lets running calls finish for as long as it has patience, and ends. Again: harmless. */
  readonly close: () => Promise<void>;
}

const loopbackAddress = /^(?:127(?:\.\d{1,3}){3}|::1|\[::1\]|localhost)$/iu;
const patience = 10_000;

/** Whether only this machine reaches what listens there. */
export const isLoopback = (host: string): boolean => loopbackAddress.test(host);

/** Throws server.address_refused: without sign-in, whoever reaches the port may read and change everything. */
export const requireLoopback = (host: string): void => {
  if (isLoopback(host)) return;
  throw new CairnError(
    "server.address_refused",
    `Cairn does not listen on ${host}: nobody has to sign in yet, so only this machine may reach it.`,
    {
      hint: "Make an administrator with `cairn admin init`, and start again; or use 127.0.0.1.",
    },
  );
};

/**
 * Throws server.address_refused: what is meant for others, by an address of their own or by proxies before it, reaches
 * the loopback port too, and there everyone would be the owner of the machine.
 */
export const requireNoProxy = (given: {
  readonly publicUrl: string | null;
  readonly trustedProxies: readonly string[];
}): void => {
  const { publicUrl, trustedProxies } = given;
  const isForOthers = publicUrl !== null && !isLoopback(new URL(publicUrl).hostname);
  if (!isForOthers && trustedProxies.length === 0) return;
  const [what, setting] = isForOthers ? [`at ${publicUrl}`, "PUBLIC_URL"] : ["behind proxies", "TRUSTED_PROXIES"];
  throw new CairnError("server.address_refused", `Cairn does not serve ${what}: nobody has to sign in yet.`, {
    hint: `Make an administrator with \`cairn admin init\`, and start again; or leave CAIRN_${setting} unset.`,
  });
};

const listenError = (error: NodeJS.ErrnoException, host: string, port: number): CairnError => {
  if (error.code === "EADDRINUSE") {
    const show =
      process.platform === "win32" ? `netstat -ano | findstr :${port}` : `lsof -nP -iTCP:${port} -sTCP:LISTEN`;
    const hint = `If that is Cairn, it is running already. See who holds the port with: ${show} — or take another with --port ${port + 1}.`;
    return new CairnError("server.port_in_use", `Port ${port} on ${host} is in use.`, { hint }, { cause: error });
  }
  if (error.code === "EACCES") {
    const hint = "Choose a port above 1023 with --port.";
    return new CairnError("server.port_in_use", `This user may not open port ${port}.`, { hint }, { cause: error });
  }
  if (error.code === "EADDRNOTAVAIL" || error.code === "ENOTFOUND" || error.code === "EAFNOSUPPORT") {
    const hint = "Use 127.0.0.1.";
    return new CairnError("server.address_refused", `This machine has no address ${host}.`, { hint }, { cause: error });
  }
  return toCairnError(error);
};

const opened = (server: Server, host: string, port: number): Promise<AddressInfo> =>
  new Promise((resolve, reject) => {
    const fail = (error: NodeJS.ErrnoException): void => reject(listenError(error, host, port));
    server.once("error", fail);
    server.listen({ host: host.replace(/^\[|\]$/gu, ""), port, exclusive: true }, () => {
      server.off("error", fail);
      const address = server.address();
      if (address === null || typeof address === "string") reject(toCairnError(new Error("No address.")));
      else resolve(address);
    });
  });

/** The connections on which nothing has come yet: for Node they are not idle, for us they are. */
const watchSilent = (server: Server): (() => void) => {
  const sockets = new Set<Socket>();
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  return () => {
    for (const socket of sockets) if (socket.bytesRead === 0) socket.destroy();
  };
};

const closed = (server: Server, patienceMs: number, closeSilent: () => void): Promise<void> =>
  new Promise((resolve) => {
    // A connection that has finished its call is idle from then on, and closed at the next look.
    const look = setInterval(() => {
      server.closeIdleConnections();
      closeSilent();
    }, 20);
    const end = setTimeout(() => server.closeAllConnections(), patienceMs);
    server.close(() => {
      clearInterval(look);
      clearTimeout(end);
      resolve();
    });
  });

/** What is answered while the server is still being put together. It touches nothing and tells nothing. */
const answerStarting: Handler = (incoming, outgoing) => {
  const { requestId } = recordOf(incoming);
  const alive = incoming.url === "/healthz";
  const error = new CairnError("server.not_ready", "The server is starting.", { hint: "Ask again in a second." });
  const problem = problemOf(error, requestId);
  const body = alive ? { status: "ok" } : { ...problem, not_ready: ["start"], checks: {} };
  outgoing.writeHead(alive ? 200 : problem.status, {
    ...safeHeaders,
    "Content-Type": alive ? "application/json" : problemMediaType,
    "X-Request-Id": requestId,
    // What was not read of a body costs the connection.
    Connection: "close",
    ...(alive ? {} : { "Retry-After": "1" }),
  });
  outgoing.end(JSON.stringify(body));
};

/** Throws server.address_refused and server.port_in_use. */
export const openDoor = async (options: DoorOptions): Promise<Door> => {
  const { host, patienceMs = patience, limits = {}, failed } = options;
  if (options.signsIn !== true) requireLoopback(host);
  let handler = answerStarting;
  const server = makeHttpServer((incoming, outgoing) => handler(incoming, outgoing), {
    ...defaultConnectionLimits,
    ...limits,
  });
  const closeSilent = watchSilent(server);
  const { port } = await opened(server, host, options.port);
  // After the port is open, a socket's error concerns that socket only.
  server.on("error", failed);
  let closing: Promise<void> | undefined;
  return {
    port,
    answerWith: (given) => {
      handler = given;
    },
    close: () => (closing ??= closed(server, patienceMs, closeSilent)),
  };
};
