/**
 * better-auth behind the routes: opened once, and called as it would be over HTTP, with a request that we made: our own
 * address and origin, its cookies, the client's address, and nothing else that came from outside.
 */
import { CairnError, isCairnError } from "@cairn/kernel/error";
import { betterAuth } from "better-auth/minimal";
import { addressHeader, authOptions, type AuthParts } from "./auth-options.ts";
import { basePath } from "./base-path.ts";
import { linkInvalid, notGood, signInFirst } from "./account-errors.ts";

export interface AuthCall {
  readonly method?: "GET" | "POST";
  /** After `/auth`, with its query. */
  readonly path: string;
  readonly body?: unknown;
  readonly cookies: string | null;
  readonly address: string | null;
  readonly userAgent: string | null;
}

export interface AuthAnswer {
  readonly body: Readonly<Record<string, unknown>>;
  /** Whole values of Set-Cookie. */
  readonly cookies: readonly string[];
  readonly location: string | null;
}

export interface Auth {
  /** Throws coded errors for all answers that are none of success or redirection. */
  readonly call: (call: AuthCall) => Promise<AuthAnswer>;
  readonly hash: (password: string) => Promise<string>;
  /** Ids of the providers that can be used. */
  readonly providers: readonly string[];
}

const mostUserAgent = 300;
const lockedMs = 900_000;

/** Codes of better-auth that say in one way or another: what you showed is not good. */
const refusals: ReadonlySet<string> = new Set([
  "INVALID_EMAIL_OR_PASSWORD",
  "INVALID_PASSWORD",
  "INVALID_EMAIL",
  "EMAIL_NOT_VERIFIED",
  "DISABLED",
  "INVALID_CODE",
  "INVALID_BACKUP_CODE",
  "INVALID_TWO_FACTOR_COOKIE",
  "TOO_MANY_ATTEMPTS_REQUEST_NEW_CODE",
  "BACKUP_CODES_NOT_ENABLED",
  "TOTP_NOT_ENABLED",
  "TWO_FACTOR_NOT_ENABLED",
  "CREDENTIAL_ACCOUNT_NOT_FOUND",
  "FAILED_TO_CREATE_SESSION",
]);

const errorOf = (status: number, code: string): CairnError => {
  if (refusals.has(code)) return notGood();
  if (code === "ACCOUNT_TEMPORARILY_LOCKED") {
    return new CairnError("limit.rate_exceeded", "That was tried too often.", { retryAfterMs: lockedMs });
  }
  if (code === "TOTP_ALREADY_ENABLED") {
    return new CairnError("request.already_done", "A second factor is in use already.", {
      hint: "Disable it first to set up another.",
    });
  }
  if (code === "INVALID_TOKEN" || code === "TOKEN_EXPIRED") return linkInvalid();
  if (status === 401) return signInFirst();
  if (status === 409) return notGood();
  if (status < 500) return new CairnError("request.invalid", "The request is not valid.");
  return new CairnError("internal", "Something went wrong inside Cairn.");
};

/** What better-auth wrapped around an error of the directory. */
const codedIn = (error: unknown): unknown => {
  for (let at = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth += 1) {
    if (isCairnError(at)) return at;
  }
  return error;
};

export const openAuth = async (parts: AuthParts): Promise<Auth> => {
  const auth = betterAuth(authOptions(parts));
  const { password, socialProviders } = await auth.$context;
  return {
    providers: socialProviders.map(({ id }) => id),
    hash: (given) => password.hash(given),
    call: async ({ method = "POST", path, body, cookies, address, userAgent }) => {
      const headers = new Headers({ origin: parts.origin, "sec-fetch-site": "same-origin" });
      if (cookies !== null) headers.set("cookie", cookies);
      if (address !== null) headers.set(addressHeader, address);
      if (userAgent !== null) headers.set("user-agent", userAgent.slice(0, mostUserAgent));
      const hasBody = method === "POST";
      if (hasBody) headers.set("content-type", "application/json");
      const request = new Request(`${parts.origin}${basePath}${path}`, {
        method,
        headers,
        ...(hasBody ? { body: JSON.stringify(body ?? {}) } : {}),
      });
      let response: Response;
      try {
        response = await auth.handler(request);
      } catch (error) {
        throw codedIn(error);
      }
      const text = await response.text();
      const answer = (text.startsWith("{") ? JSON.parse(text) : {}) as Readonly<Record<string, unknown>>;
      if (response.status >= 400) {
        const { code } = answer;
        throw errorOf(response.status, typeof code === "string" ? code : "");
      }
      return {
        body: answer,
        cookies: response.headers.getSetCookie(),
        location: response.headers.get("location"),
      };
    },
  };
};
