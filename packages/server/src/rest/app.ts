/**
 * The HTTP edge: guards, then the table of bindings, then an answer. It translates and holds no rule; what a call
 * means is in its operation. Whatever goes wrong becomes an answer, and never ends the process.
 */
import type { HttpBindings } from "@hono/node-server";
import { CairnError, toCairnError } from "@cairn/kernel/error";
import type { KeptAnswers } from "@cairn/directory/kept-answers";
import { makeMemoryKeptAnswers } from "@cairn/directory/memory-kept-answers";
import type { Permission } from "@cairn/memory/permission/permission";
import { refuseCall } from "@cairn/memory/permission/may-call";
import type { Caller } from "@cairn/operations/context";
import { refusalError } from "@cairn/operations/refusal";
import { defaultSpaceName } from "@cairn/directory/space-directory";
import { makeIdempotencyStore } from "@cairn/operations/idempotency";
import type { Pipeline } from "@cairn/operations/pipeline";
import { type Context, Hono } from "hono";
import { type Binding, type Method, pathParameters } from "./binding.ts";
import { callBinding } from "./call-binding.ts";
import { isDisconnect } from "./guard/body.ts";
import { type HostRule, requireDirect, requireHost } from "./guard/host.ts";
import { requireOrigin } from "./guard/origin.ts";
import { describeCause, type FailureLog } from "../observe/log.ts";
import { probePaths } from "../observe/readiness.ts";
import { recordOf, type RequestRecord } from "../observe/request-record.ts";
import { rateHeaders } from "./rate-headers.ts";
import { type Known, oneLocalPerson, type WhoCalls } from "./who-calls.ts";
import { problemHeaders, problemMediaType, problemOf } from "./problem.ts";

export interface RequestState {
  readonly Bindings: HttpBindings;
  readonly Variables: { record: RequestRecord };
}
export type RequestContext = Context<RequestState>;

/** A page or file that is no operation: its path and how to answer a GET. */
export interface Page {
  readonly path: string;
  /** What a caller needs where sign-in is on; absent: anyone may look. */
  readonly permission?: Permission;
  readonly answer: (context: RequestContext) => Response | Promise<Response>;
}

/** An action on the server itself, such as its shutdown. */
export interface Action extends Page {
  readonly method: Method;
}

export interface AppOptions {
  /** Loaded by the time the first call needs it. */
  readonly pipeline: Pipeline;
  readonly bindings: readonly Binding[];
  readonly pages: readonly Page[];
  readonly actions: readonly Action[];
  /** One local person when absent. */
  readonly whoCalls?: WhoCalls | undefined;
  /** Told of requests whose credential was refused, before any operation. */
  readonly refused?: ((record: RequestRecord, error: CairnError) => void) | undefined;
  /** A function, because a port of 0 is known only once the server listens. */
  readonly hostRule: () => HostRule;
  readonly log: FailureLog;
  /** Answers to requests with an Idempotency-Key; kept in this process where nothing is given. */
  readonly answers?: KeptAnswers | undefined;
}

export const safeHeaders = { "X-Content-Type-Options": "nosniff", "Cache-Control": "no-store" } as const;

/** Headers of every answer. */
export const answerHeaders = (context: RequestContext, more: Readonly<Record<string, string>> = {}) => ({
  ...safeHeaders,
  "X-Request-Id": context.var.record.requestId,
  ...rateHeaders(context.var.record.rates),
  ...more,
});

export const answerJson = (
  context: RequestContext,
  status: number,
  body: unknown,
  type = "application/json",
): Response =>
  new Response(JSON.stringify(body), { status, headers: answerHeaders(context, { "Content-Type": type }) });

const logFailure = (context: RequestContext, error: unknown, log: FailureLog): void => {
  const coded = toCairnError(error);
  if (coded.status < 500) return;
  const { requestId, method, route, started, traceId } = context.var.record;
  const cause = describeCause(coded.code === "internal" ? coded : error);
  log({
    requestId,
    route: route === "none" ? route : `${method} ${route}`,
    code: coded.code,
    milliseconds: performance.now() - started,
    ...(cause === undefined ? {} : { cause }),
    ...(traceId === null ? {} : { traceId }),
  });
};

/** The general answer to an error. A body that was not read to its end costs the connection. */
const answerProblem = (context: RequestContext, error: unknown): Response => {
  const problem = problemOf(error, context.var.record.requestId);
  const unread = !context.env.incoming.complete;
  const headers = {
    "Content-Type": problemMediaType,
    ...problemHeaders(error),
    ...(unread ? { Connection: "close" } : {}),
  };
  return new Response(JSON.stringify(problem), { status: problem.status, headers: answerHeaders(context, headers) });
};

/** Answers what a path does not take: OPTIONS with what it does take, anything else with 405. */
const otherMethods = (app: Hono<RequestState>, path: string, methods: readonly string[]): void => {
  const allowed = [...new Set([...methods, ...(methods.includes("GET") ? ["HEAD"] : []), "OPTIONS"])]
    .toSorted()
    .join(", ");
  app.all(path, (context) => {
    if (context.req.method === "OPTIONS") {
      return new Response(null, { status: 204, headers: answerHeaders(context, { Allow: allowed }) });
    }
    const message = `${context.req.method.slice(0, 20)} is not a method of this address; it takes ${allowed}.`;
    const answer = answerProblem(context, new CairnError("request.method_not_allowed", message));
    answer.headers.set("Allow", allowed);
    return answer;
  });
};

const honoPath = (path: string): string => path.replace(/\{([a-z_]+)\}/gu, ":$1");

export const makeApp = ({
  pipeline,
  bindings,
  pages,
  actions,
  hostRule,
  log,
  answers,
  whoCalls = oneLocalPerson,
  refused,
}: AppOptions): Hono<RequestState> => {
  const app = new Hono<RequestState>();
  const { clock, settings } = pipeline.services;
  const { instance } = settings;
  const idempotency = makeIdempotencyStore({ answers: answers ?? makeMemoryKeptAnswers({ clock }) });

  app.use("*", async (context, next) => {
    const { headers, method = "GET" } = context.env.incoming;
    context.set("record", recordOf(context.env.incoming));
    // With sign-in a name that a page has rebound brings no credential with it.
    if (!probePaths.has(context.req.path) && !(await whoCalls.isAsked())) {
      requireHost(headers.host, hostRule());
      requireDirect(headers);
    }
    const header = (name: string): string | undefined => {
      const value = headers[name];
      return typeof value === "string" ? value : undefined;
    };
    const site = header("sec-fetch-site");
    requireOrigin({ origin: headers.origin, site, mode: header("sec-fetch-mode"), method }, hostRule());
    await next();
  });

  const methodsByPath = new Map<string, string[]>();
  const route = (
    method: string,
    path: string,
    answer: (context: RequestContext) => Response | Promise<Response>,
  ): void => {
    methodsByPath.set(path, [...(methodsByPath.get(path) ?? []), method]);
    app.on(method, honoPath(path), (context) => {
      context.var.record.route = path;
      return answer(context);
    });
  };

  const identify = async (context: RequestContext): Promise<Known> => {
    const { record } = context.var;
    record.address = whoCalls.addressOf?.(context.env.incoming) ?? null;
    try {
      return await whoCalls.identify(context.env.incoming);
    } catch (error) {
      refused?.(context.var.record, toCairnError(error));
      throw error;
    }
  };

  /** Pages and actions are no operations: what they need is asked here. */
  const guarded =
    ({ permission = "public", answer }: Page): Page["answer"] =>
    async (context) => {
      if (permission !== "public") {
        const known = await identify(context);
        const refusal = refuseCall(known.identity, permission);
        if (refusal !== null) throw refusalError(refusal);
      }
      return answer(context);
    };
  for (const page of pages) route("GET", page.path, guarded(page));
  for (const action of actions) route(action.method, action.path, guarded(action));
  for (const binding of bindings) {
    const names = pathParameters(binding.path);
    const call = callBinding(binding, pipeline, idempotency);
    route(binding.method, binding.path, async (context) => {
      const path = Object.fromEntries(names.map((name) => [name, context.req.param(name) ?? ""]));
      const { requestId } = context.var.record;
      const { incoming } = context.env;
      const callerNow = async (): Promise<Caller> => {
        const { identity, address } = await identify(context);
        return {
          identity,
          instance: identity.instance ?? instance,
          requestId,
          edge: "rest",
          defaultSpace: identity.space ?? defaultSpaceName,
          address,
          identifyAgain: async () => (await identify(context)).identity,
          usesSpace: (space) => void context.var.record.spaces.add(space),
          seesRates: (rates) => {
            context.var.record.rates = rates;
          },
        };
      };
      const caller = await callerNow();
      context.var.record.caller = caller;
      const asked = { incoming, url: context.req.url, path, caller, callerNow };
      const { status, body, failure, replayed } = await call(asked);
      if (failure !== undefined) logFailure(context, failure, log);
      const answer = answerJson(context, status, body);
      if (replayed === true) answer.headers.set("Idempotency-Replayed", "true");
      return answer;
    });
  }
  for (const [path, methods] of methodsByPath) otherMethods(app, honoPath(path), methods);

  app.notFound((context) =>
    answerProblem(
      context,
      new CairnError("request.not_found", "There is nothing at this address.", {
        hint: "GET /docs lists what there is.",
      }),
    ),
  );
  app.onError((error, context) => {
    // Nobody is left to read it; the connection is gone already.
    if (isDisconnect(error)) return new Response(null, { status: 499 });
    logFailure(context, error, log);
    return answerProblem(context, error);
  });
  return app;
};
