/** A real OpenID provider on loopback for tests, at which whoever comes is `who()`. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
// @ts-expect-error -- It comes without types.
import { Provider as LibraryProvider } from "oidc-provider";

export interface Claims {
  readonly sub: string;
  readonly email?: string;
  readonly email_verified?: boolean;
  readonly name?: string;
}

interface Grant {
  readonly addOIDCScope: (scope: string) => void;
  readonly save: () => Promise<string>;
}

interface Details {
  readonly prompt: { readonly name: string };
  readonly params: { readonly client_id: string };
  readonly session?: { readonly accountId: string };
  readonly grantId?: string;
}

/** As much of the library's types, which it does not bring, as is used. */
interface Provider {
  readonly callback: () => (request: IncomingMessage, response: ServerResponse) => Promise<void>;
  readonly interactionDetails: (request: IncomingMessage, response: ServerResponse) => Promise<Details>;
  readonly interactionFinished: (
    request: IncomingMessage,
    response: ServerResponse,
    result: object,
    options?: { readonly mergeWithLastSubmission: boolean },
  ) => Promise<void>;
  readonly Grant: {
    new (of: { readonly accountId: string; readonly clientId: string }): Grant;
    readonly find: (id: string) => Promise<Grant | undefined>;
  };
}
const MakeProvider = LibraryProvider as new (issuer: string, configuration: object) => Provider;

export interface OpenIdProviderOptions {
  readonly who: () => Claims;
  /** Known once the other server listens. */
  readonly callback: () => string;
  readonly clientSecret: string;
  /** Whether the ID token says who it is, rather than the page about the person. */
  readonly claimsInToken: boolean;
}

const grantFor = async (provider: Provider, { params, session, grantId }: Details, sub: string): Promise<Grant> => {
  const found = grantId === undefined ? undefined : await provider.Grant.find(grantId);
  return found ?? new provider.Grant({ accountId: session?.accountId ?? sub, clientId: params.client_id });
};

export const openIdProvider = async ({ who, callback, clientSecret, claimsInToken }: OpenIdProviderOptions) => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const asked: URLSearchParams[] = [];
  const ttl = { AccessToken: 60, AuthorizationCode: 60, Grant: 60, IdToken: 60, Interaction: 60, Session: 60 };
  const open = (): Provider =>
    new MakeProvider(issuer, {
      clients: [
        { client_id: "cairn", client_secret: clientSecret, redirect_uris: [callback()], response_types: ["code"] },
      ],
      claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name"] },
      conformIdTokenClaims: !claimsInToken,
      pkce: { required: () => true },
      features: { devInteractions: { enabled: false } },
      cookies: { keys: ["a key of the tests"] },
      ttl,
      findAccount: (_context: unknown, sub: string) => ({ accountId: sub, claims: () => ({ ...who(), sub }) }),
      interactions: { url: (_context: unknown, { uid }: { readonly uid: string }) => `/interaction/${uid}` },
    });
  let provider: Provider | undefined;
  const interact = async (at: Provider, request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const details = await at.interactionDetails(request, response);
    if (details.prompt.name === "login") {
      await at.interactionFinished(request, response, { login: { accountId: who().sub } });
      return;
    }
    const grant = await grantFor(at, details, who().sub);
    grant.addOIDCScope("openid email profile");
    const consent = { grantId: await grant.save() };
    await at.interactionFinished(request, response, { consent }, { mergeWithLastSubmission: true });
  };
  server.on("request", (request, response) => {
    provider ??= open();
    const url = new URL(request.url ?? "/", issuer);
    if (url.pathname === "/auth") asked.push(url.searchParams);
    if (url.pathname.startsWith("/interaction/")) void interact(provider, request, response);
    else void provider.callback()(request, response);
  });
  return {
    issuer,
    /** The queries of those who were sent here. */
    asked,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};

/** Follows redirects at the provider, as a browser that is signed in nowhere, until they lead elsewhere. */
export const throughProvider = async (start: string, issuer: string): Promise<URL> => {
  const cookies = new Map<string, string>();
  let at = start;
  for (let step = 0; step < 12; step += 1) {
    const url = new URL(at, issuer);
    if (url.origin !== issuer) return url;
    const cookie = Array.from(cookies, ([name, value]) => `${name}=${value}`).join("; ");
    const response = await fetch(url, { redirect: "manual", headers: { cookie } });
    for (const set of response.headers.getSetCookie()) {
      const [pair = ""] = set.split(";");
      cookies.set(pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1));
    }
    const location = response.headers.get("location");
    if (location === null) throw new Error(`${response.status} ${await response.text()}`);
    at = location;
  }
  throw new Error("It never led back.");
};
