/**
 * The pages with which a person signs in and looks after an account, its keys and its organisation (TEN-1, UI-3). They
 * are the same for everybody and hold nothing private: each page's module calls `/auth/…` and `/v1/…` as any client
 * does. Made when first asked for.
 */
import { answerHeaders, type Page, type RequestContext } from "../rest/app.ts";
import { assetPages, modulesOf } from "./assets.ts";
import type { Markup } from "./markup/layout.ts";
import { securityPolicy } from "./security-policy.ts";

const markup: Readonly<Record<string, () => Promise<Markup>>> = {
  "/account": async () => (await import("./markup/account.ts")).account,
  "/account/keys": async () => (await import("./markup/keys.ts")).keys,
  "/account/organisation": async () => (await import("./markup/organisation.ts")).organisation,
  "/account/sign-in": async () => (await import("./markup/sign-in.ts")).signIn,
  "/account/sign-up": async () => (await import("./markup/doors.ts")).signUp,
  "/account/join": async () => (await import("./markup/doors.ts")).join,
  "/account/forgot-password": async () => (await import("./markup/doors.ts")).forgotPassword,
  "/account/reset-password": async () => (await import("./markup/doors.ts")).resetPassword,
};

/** What people type, and where it is; a fragment goes along (RFC 9110 §10.2.2). */
const shortcuts: Readonly<Record<string, string>> = {
  "/sign-in": "/account/sign-in",
  "/sign-up": "/account/sign-up",
};

const headers = {
  "Content-Type": "text/html; charset=utf-8",
  "Content-Security-Policy": securityPolicy,
  "Referrer-Policy": "no-referrer",
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
  "X-Frame-Options": "DENY",
};

/** Answers GET of each page and of each file that they load; `Cache-Control: no-store` comes from `answerHeaders`. */
export const accountPages = (): readonly Page[] => [
  ...Object.entries(markup).map(([path, load]) => ({
    path,
    answer: async (context: RequestContext): Promise<Response> => {
      const [page, { layout }] = await Promise.all([load(), import("./markup/layout.ts")]);
      return new Response(layout(page, await modulesOf(page.module)), { headers: answerHeaders(context, headers) });
    },
  })),
  ...Object.entries(shortcuts).map(([path, to]) => ({
    path,
    answer: (context: RequestContext): Response =>
      new Response(null, { status: 302, headers: answerHeaders(context, { Location: to }) }),
  })),
  ...assetPages(),
];
