/** Opens the port and closes it again without cutting off calls that are under way. */
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { getRequestListener } from "@hono/node-server";
import { CairnError, toCairnError } from "@cairn/kernel/error";
import { newId } from "@cairn/kernel/id";
import type { Pipeline } from "@cairn/operations/pipeline";
import { type AppOptions, makeApp, safeHeaders } from "./app.ts";
import { bindings } from "./bindings.ts";
import { type ConnectionLimits, defaultConnectionLimits, makeHttpServer } from "./connection.ts";
import { logToStderr } from "./log.ts";
import { pages } from "./pages.ts";
import { problemMediaType, problemOf } from "./problem.ts";
import { shutdownAction } from "./shutdown.ts";

export interface ListenOptions {
  readonly pipeline: Pipeline;
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** Further names of this server, for the Host and Origin checks. */
  readonly allowedHosts?: readonly string[];
  /** Called once `POST /v1/shutdown` was answered. */
  readonly onShutdown: () => void;
  readonly log?: AppOptions["log"];
  readonly limits?: Partial<ConnectionLimits>;
}

export interface Listening {
  readonly host: string;
  readonly port: number;
  /** Such as `http://127.0.0.1:18790`. */
  readonly url: string;
  /** Takes no new calls, lets running ones finish for at most five seconds, and ends. Doing so again is harmless. */
  readonly close: () => Promise<void>;
}

const loopbackAddress = /^(?:127(?:\.\d{1,3}){3}|::1|\[::1\]|localhost)$/iu;
const patience = 5_000;

/** Throws server.address_refused: without keys, whoever reaches the port may read and change everything. */
const requireLoopback = (host: string): void => {
  if (loopbackAddress.test(host)) return;
  throw new CairnError(
    "server.address_refused",
    `Cairn does not listen on ${host}: without keys, only this machine may reach it.`,
    {
      hint: "Use 127.0.0.1 (or ::1), and reach it from elsewhere through a tunnel such as ssh -L 18790:127.0.0.1:18790.",
    },
  );
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

const closed = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    // A connection that has finished its call is idle from then on, and closed at the next look.
    const look = setInterval(() => server.closeIdleConnections(), 20);
    const end = setTimeout(() => server.closeAllConnections(), patience);
    server.close(() => {
      clearInterval(look);
      clearTimeout(end);
      resolve();
    });
    server.closeIdleConnections();
  });

/** Throws server.address_refused and server.port_in_use. */
export const listen = async (options: ListenOptions): Promise<Listening> => {
  const { pipeline, host, allowedHosts = [], log = logToStderr, onShutdown } = options;
  requireLoopback(host);
  let port = options.port;
  const app = makeApp({
    pipeline,
    bindings,
    pages: pages(pipeline.services),
    actions: [shutdownAction(onShutdown)],
    hostRule: () => ({ port, allowedHosts }),
    log,
  });
  const listener = getRequestListener(app.fetch, {
    hostname: "127.0.0.1",
    // What cannot even be read as a request: a Host or target that no address can be made of.
    errorHandler: () => {
      const problem = problemOf(new CairnError("request.malformed", "This is not a valid HTTP request."), newId());
      const headers = { ...safeHeaders, "Content-Type": problemMediaType, "X-Request-Id": problem.request_id };
      return new Response(JSON.stringify(problem), { status: 400, headers });
    },
  });
  const server = makeHttpServer((incoming, outgoing) => void listener(incoming, outgoing), {
    ...defaultConnectionLimits,
    ...options.limits,
  });
  ({ port } = await opened(server, host, options.port));
  // After the port is open, a socket's error concerns that socket only.
  server.on("error", (error) =>
    log({ requestId: newId(), route: "socket", code: "internal", milliseconds: 0, cause: error.name }),
  );
  const name = host.includes(":") && !host.startsWith("[") ? `[${host}]` : host;
  let closing: Promise<void> | undefined;
  return { host, port, url: `http://${name}:${port}`, close: () => (closing ??= closed(server)) };
};
