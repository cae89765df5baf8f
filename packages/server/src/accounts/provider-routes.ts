/** Signing in through a provider: there, and back. */
import { setTimeout as wait } from "node:timers/promises";
import { CairnError, toCairnError } from "@cairn/kernel/error";
import { z } from "zod";
import { isOwnPath } from "./own-pages.ts";
import { noBody } from "./sign-in.ts";
import { accountRoute, type Answer, type Visit } from "./visit.ts";

const home = "/account";
const signInPage = "/account/sign-in";

const toProvider = accountRoute(
  "POST",
  "/sign-in/provider",
  z.strictObject({ provider: z.string().min(1).max(40), to: z.string().max(2_000).optional() }),
  async (parts, visit, given) => {
    const to = given.to ?? home;
    if (!isOwnPath(to, visit.origin)) {
      const message = "must be a path of this server, such as /account";
      throw new CairnError("request.invalid", `The request is not valid. to: ${message}`, {
        problems: [{ path: "to", code: "path", message }],
      });
    }
    await parts.limits.count("provider", visit.address, null);
    const auth = await parts.providers.auth(given.provider);
    const { body, cookies } = await auth.call({
      path: "/sign-in/social",
      body: { provider: given.provider, callbackURL: to, errorCallbackURL: signInPage, disableRedirect: true },
      cookies: visit.cookies({ withoutSession: true }),
      address: visit.address,
      userAgent: null,
    });
    return { body: { url: body["url"] }, cookies };
  },
);

/** What better-auth and providers call failures, as the few that a page can say something about. */
const failures: Readonly<Record<string, string>> = {
  access_denied: "provider_refused",
  address_not_verified: "address_not_verified",
  not_invited: "not_invited",
  account_not_linked: "not_linked",
  state_mismatch: "expired",
  state_not_found: "expired",
  state_invalid: "expired",
  please_restart_the_process: "expired",
};

const failed = (code: string): Answer => ({
  status: 302,
  location: `${signInPage}?${new URLSearchParams({ error: failures[code] ?? "failed" }).toString()}`,
});

/** What a provider may send back (RFC 6749 §4.1.2, RFC 9207); nothing else is passed on. */
const passed = ["code", "state", "error", "iss"];

/** How long a person waits for a provider to say who they are, milliseconds. */
const patienceMs = 20_000;

const inTime = async <Result>(work: Promise<Result>): Promise<Result> => {
  const stop = new AbortController();
  const late = wait(patienceMs, undefined, { signal: stop.signal, ref: false }).then(() => {
    throw new CairnError("provider.unavailable", "The sign-in provider does not answer.");
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    stop.abort();
    late.catch(() => undefined);
  }
};

const backFrom = (visit: Visit): { readonly provider: string; readonly query: string } => {
  const query = new URLSearchParams();
  for (const name of passed) {
    const value = visit.url.searchParams.get(name);
    if (value !== null && value.length <= 4_096) query.set(name, value);
  }
  return { provider: visit.url.pathname.split("/").at(-1) ?? "", query: query.toString() };
};

const fromProvider = accountRoute("GET", "/callback/{provider}", noBody, async (parts, visit) => {
  const { provider, query } = backFrom(visit);
  try {
    await parts.limits.count("provider", visit.address, null);
    const auth = await parts.providers.auth(provider);
    const call = {
      method: "GET",
      path: `/callback/${encodeURIComponent(provider)}?${query}`,
      cookies: visit.cookies({ withoutSession: true }),
      address: visit.address,
      userAgent: visit.request.headers.get("user-agent"),
    } as const;
    const { location, cookies } = await inTime(auth.call(call));
    const target = URL.parse(location ?? "", visit.origin);
    const path = target?.origin === visit.origin ? `${target.pathname}${target.search}${target.hash}` : signInPage;
    const session = await visit.sessionIn(cookies);
    if (session === null) {
      visit.tell("sign-in.provider", "anonymous", { code: "auth.invalid" });
      return { ...failed(target?.searchParams.get("error") ?? "failed"), cookies };
    }
    if (visit.session !== null) {
      await parts.people.endSessions(visit.session.principal, { only: visit.session.id });
    }
    visit.tell("sign-in.provider", session.principal);
    return { status: 302, location: isOwnPath(path, visit.origin) ? path : home, cookies };
  } catch (error) {
    visit.tell("sign-in.provider", "anonymous", toCairnError(error));
    const { code } = toCairnError(error);
    // A person is looking at it: where there is a page that can say it, it does.
    if (code === "limit.rate_exceeded" || code === "provider.not_found") throw error;
    return failed("failed");
  }
});

export const providerRoutes = [toProvider, fromProvider];
