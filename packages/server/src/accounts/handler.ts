/**
 * The edge of accounts: finds the route, makes sure that a page of ours asks, reads a small JSON body, and answers with
 * problem documents like every other edge. What is not in the table of routes is not there.
 */
import { CairnError, toCairnError } from "@cairn/kernel/error";
import { newId } from "@cairn/kernel/id";
import { parseInput } from "@cairn/operations/pipeline";
import { problemHeaders, problemMediaType, problemOf } from "../rest/problem.ts";
import { basePath } from "./base-path.ts";
import { type CookieReader, cookiePrefix, sessionCookie } from "./cookies.ts";
import { type AccountEvent, tellOrganisations } from "./events.ts";
import { isFromOwnPage } from "./own-pages.ts";
import { accountRoutes } from "./routes.ts";
import type { AccountParts, AccountRoute, Answer, Visit } from "./visit.ts";

/** What the server's edge knows of a request. */
export interface Visitor {
  /** The network address, after trusted proxies; never what a header claims. */
  readonly address: string | null;
  /** Made up where it is absent. */
  readonly requestId?: string;
}

export interface HandlerOptions {
  readonly parts: AccountParts;
  readonly cookies: CookieReader;
  readonly origin: () => string;
  readonly onEvent: (event: AccountEvent) => void;
  readonly failed: (error: unknown) => void;
}

const mostBody = 16_384;
const safeHeaders = {
  "Cache-Control": "no-store",
  "X-Content-Type-Options": "nosniff",
  "Referrer-Policy": "no-referrer",
} as const;

const tooLarge = (): CairnError => new CairnError("request.too_large", `A body has ${mostBody} bytes at most.`);

const readBody = async (request: Request): Promise<unknown> => {
  const type = request.headers.get("content-type")?.split(";")[0]?.trim().toLowerCase();
  if (type !== "application/json") {
    throw new CairnError("request.unsupported_media_type", "The body must be application/json.");
  }
  if (Number(request.headers.get("content-length") ?? 0) > mostBody) throw tooLarge();
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of (request.body ?? []) as AsyncIterable<Uint8Array>) {
    size += part.length;
    if (size > mostBody) throw tooLarge();
    parts.push(part);
  }
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(Buffer.concat(parts))) as unknown;
  } catch {
    throw new CairnError("request.malformed", "The body is not JSON.");
  }
};

const matches = (path: string, given: string): boolean =>
  path.includes("{")
    ? new RegExp(`^${path.replaceAll(/\{\w+\}/gu, "[a-z0-9][a-z0-9_-]{0,39}")}$`, "u").test(given)
    : path === given;

const routesAt = (path: string): readonly AccountRoute[] =>
  accountRoutes.filter((route) => path.startsWith(`${basePath}/`) && matches(route.path, path.slice(basePath.length)));

const allowed = (path: string): string => [...new Set(routesAt(path).map(({ method }) => method))].join(", ");

/** Throws request.not_found, request.method_not_allowed. */
const routeOf = (method: string, path: string): AccountRoute => {
  const here = routesAt(path);
  const found = here.find((route) => route.method === method);
  if (found !== undefined) return found;
  if (here.length === 0) throw new CairnError("request.not_found", "There is nothing at this address.");
  throw new CairnError("request.method_not_allowed", `This address takes ${allowed(path)}.`);
};

const responseOf = ({ status = 200, body, cookies = [], location }: Answer): Response => {
  const headers = new Headers(safeHeaders);
  for (const cookie of cookies) headers.append("Set-Cookie", cookie);
  if (location !== undefined) headers.set("Location", location);
  if (body === undefined) return new Response(null, { status, headers });
  headers.set("Content-Type", "application/json");
  return new Response(JSON.stringify(body), { status, headers });
};

const problemResponse = (error: unknown, requestId: string): Response => {
  const problem = problemOf(error, requestId);
  const headers = { ...safeHeaders, ...problemHeaders(error), "Content-Type": problemMediaType };
  return new Response(JSON.stringify(problem), { status: problem.status, headers });
};

export const makeHandler = ({ parts, cookies, origin, onEvent, failed }: HandlerOptions) => {
  const sessionOf = async (header: string | null, at: string) => {
    const token = cookies.read(header, sessionCookie(at));
    return token === null ? null : parts.people.session(token);
  };

  const visitOf = async (request: Request, { address }: Visitor, requestId: string): Promise<Visit> => {
    const at = origin();
    const header = request.headers.get("cookie");
    return {
      request,
      url: new URL(request.url),
      origin: at,
      address,
      requestId,
      session: await sessionOf(header, at),
      cookies: ({ withoutSession = false } = {}) =>
        cookies.renewed(header, cookiePrefix(at), withoutSession ? sessionCookie(at) : null),
      sessionIn: (set) => sessionOf(set.map((one) => one.split(";")[0] ?? "").join("; "), at),
      tell: (operation, who, failure) =>
        parts.behind(async () => {
          const principal = typeof who === "string" ? who : await who();
          const code = failure?.code ?? null;
          const outcome =
            code === null ? "ok" : code === "internal" || code.startsWith("storage.") ? "failed" : "denied";
          await tellOrganisations(parts.organisations, onEvent, {
            operation,
            principal,
            outcome,
            code,
            address,
            requestId,
          });
        }),
    };
  };

  return async (request: Request, visitor: Visitor): Promise<Response> => {
    const requestId = visitor.requestId ?? newId();
    try {
      const route = routeOf(request.method, new URL(request.url).pathname);
      const isUnsafe = route.method !== "GET";
      if (isUnsafe && !isFromOwnPage(request.headers, origin())) {
        throw new CairnError("request.origin_refused", "Accounts are changed from this server's own pages only.", {
          hint: "Browsers send Origin; other programs use a key.",
        });
      }
      const body = parseInput(route.body, isUnsafe ? await readBody(request) : undefined);
      const visit = await visitOf(request, visitor, requestId);
      return responseOf(await route.answer(parts, visit, body));
    } catch (error) {
      const { status, code } = toCairnError(error);
      if (status >= 500) failed(error);
      const answer = problemResponse(error, requestId);
      // RFC 9110 §15.5.6.
      if (code === "request.method_not_allowed") answer.headers.set("Allow", allowed(new URL(request.url).pathname));
      return answer;
    }
  };
};
