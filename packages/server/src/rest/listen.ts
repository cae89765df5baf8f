/** The HTTP edge put together on its port. */
import { getRequestListener } from "@hono/node-server";
import type { KeptAnswers } from "@cairn/directory/kept-answers";
import { CairnError } from "@cairn/kernel/error";
import { newId } from "@cairn/kernel/id";
import type { Pipeline } from "@cairn/operations/pipeline";
import { type FailureLog, logToStderr } from "../observe/log.ts";
import type { Metrics } from "../observe/metrics.ts";
import { makeReadiness, type Readiness } from "../observe/readiness.ts";
import { type RequestObserver, watchRequests } from "../observe/request-record.ts";
import { type Action, type AppOptions, makeApp, type Page, safeHeaders } from "./app.ts";
import { bindings } from "./bindings.ts";
import type { ConnectionLimits } from "./connection.ts";
import { type Door, openDoor } from "./door.ts";
import { pages } from "./pages.ts";
import { problemMediaType, problemOf } from "./problem.ts";
import type { WhoCalls } from "./who-calls.ts";
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
  readonly log?: FailureLog;
  /** What `/readyz` answers; without it the server is ready as soon as it listens. */
  readonly readiness?: Readiness;
  /** What `/metrics` answers; without it there is nothing. */
  readonly metrics?: Metrics | null;
  /** Told of every request. */
  readonly requests?: RequestObserver | null;
  /** Milliseconds that calls under way may take once the server closes. */
  readonly patienceMs?: number;
  readonly limits?: Partial<ConnectionLimits>;
  /** A port that is open already; `port`, `patienceMs` and `limits` are then its own. */
  readonly door?: Door;
  /** Answers to requests with an Idempotency-Key; kept in this process where nothing is given. */
  readonly answers?: KeptAnswers;
  /** Whether calls need a credential: only then others than this machine are let in. */
  readonly signsIn?: boolean;
  /** One local person when absent. */
  readonly whoCalls?: WhoCalls;
  /** Told of requests whose credential was refused, before any operation. */
  readonly refused?: AppOptions["refused"];
  /** Further pages and actions, such as those to sign in. */
  readonly morePages?: readonly Page[];
  readonly moreActions?: readonly Action[];
}

export interface Listening {
  readonly host: string;
  readonly port: number;
  /** Such as `http://127.0.0.1:18790`. */
  readonly url: string;
  readonly underWay: () => number;
  /** From now on every answer ends its connection; calls are still taken. */
  readonly drain: () => void;
  /** Takes no new calls, lets running ones finish for as long as it has patience, and ends. Again: harmless. */
  readonly close: () => Promise<void>;
}

const alwaysReady = (): Readiness => {
  const readiness = makeReadiness({ checks: {} });
  readiness.started();
  return readiness;
};

/** Throws server.address_refused and server.port_in_use. */
export const listen = async (options: ListenOptions): Promise<Listening> => {
  const { pipeline, host, allowedHosts = [], log = logToStderr, onShutdown } = options;
  const { metrics = null, requests = null, readiness = alwaysReady() } = options;
  const failed = (error: Error): void =>
    log({ requestId: newId(), route: "socket", code: "internal", milliseconds: 0, cause: error.name });
  const door = options.door ?? (await openDoor({ ...options, failed }));
  const app = makeApp({
    pipeline,
    bindings,
    pages: [
      ...pages({ version: pipeline.services.settings.version, readiness, metrics }),
      ...(options.morePages ?? []),
    ],
    actions: [shutdownAction(onShutdown), ...(options.moreActions ?? [])],
    whoCalls: options.whoCalls,
    refused: options.refused,
    hostRule: () => ({ port: door.port, allowedHosts }),
    log,
    answers: options.answers,
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
  const watch = watchRequests(requests);
  door.answerWith((incoming, outgoing) => watch.handle(incoming, outgoing, () => void listener(incoming, outgoing)));
  const name = host.includes(":") && !host.startsWith("[") ? `[${host}]` : host;
  return {
    host,
    port: door.port,
    url: `http://${name}:${door.port}`,
    underWay: watch.underWay,
    drain: watch.endConnections,
    close: () => {
      watch.endConnections();
      return door.close();
    },
  };
};
