/** better-auth for one OpenID provider: what it says of itself (OpenID Connect Discovery 1.0), and of who signs in. */
import { normalEmail } from "@cairn/directory/people/email-address";
import { decodeJwt } from "jose";
import { genericOAuth } from "better-auth/plugins/generic-oauth";
import { z } from "zod";
import type { SignInProvider } from "../settings/sign-in-providers.ts";
import { type Auth, openAuth } from "./auth.ts";
import type { AuthParts } from "./auth-options.ts";

const withinMs = 10_000;
const mostBytes = 262_144;

const discoveryShape = z.object({
  issuer: z.url(),
  authorization_endpoint: z.url(),
  token_endpoint: z.url(),
  jwks_uri: z.url(),
  userinfo_endpoint: z.url().optional(),
  id_token_signing_alg_values_supported: z.array(z.string()).min(1),
});
type Discovery = z.output<typeof discoveryShape>;

const profileShape = z.object({
  sub: z.string().min(1).max(255),
  email: z.string().max(320).optional(),
  email_verified: z.boolean().optional(),
  name: z.string().optional(),
});
type Profile = z.output<typeof profileShape>;

const readJson = async (url: string, headers: Readonly<Record<string, string>> = {}): Promise<unknown> => {
  const response = await fetch(url, { headers, redirect: "error", signal: AbortSignal.timeout(withinMs) });
  if (!response.ok || response.body === null) throw new Error(`it answered ${response.status}`);
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of response.body as AsyncIterable<Uint8Array>) {
    size += part.length;
    if (size > mostBytes) throw new Error("its answer is too long");
    parts.push(part);
  }
  return JSON.parse(Buffer.concat(parts).toString("utf8")) as unknown;
};

const isSafe = (url: string): boolean => {
  const { protocol, hostname } = new URL(url);
  return protocol === "https:" || /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/u.test(hostname);
};

export const discoveryUrl = (issuer: string): string =>
  `${issuer.replace(/\/+$/u, "")}/.well-known/openid-configuration`;

const discover = async ({ issuer }: SignInProvider): Promise<Discovery> => {
  const found = discoveryShape.safeParse(await readJson(discoveryUrl(issuer)));
  if (!found.success) throw new Error("its discovery document lacks something");
  // OpenID Connect Discovery 1.0 §4.3: exactly the issuer that was asked.
  if (found.data.issuer !== issuer) throw new Error("its discovery document names another issuer");
  const { authorization_endpoint: one, token_endpoint: two, jwks_uri: three, userinfo_endpoint: four } = found.data;
  if (![one, two, three, four ?? one].every(isSafe)) throw new Error("its addresses are not https");
  return found.data;
};

/** The claims of the ID token, which was verified, and what it does not say from the provider's page about the person. */
const profileOf = async (
  idToken: string,
  accessToken: string | undefined,
  userinfo: string | undefined,
): Promise<Profile | null> => {
  const claims = profileShape.safeParse(decodeJwt(idToken));
  if (!claims.success) return null;
  if (claims.data.email !== undefined || userinfo === undefined || accessToken === undefined) return claims.data;
  const more = profileShape.safeParse(await readJson(userinfo, { authorization: `Bearer ${accessToken}` }));
  // OpenID Connect Core 1.0 §5.3.2: of somebody else it must not be used.
  return more.success && more.data.sub === claims.data.sub ? more.data : claims.data;
};

/** Rejects where the provider cannot be used now, with why. */
export const openProviderAuth = async (parts: AuthParts, provider: SignInProvider): Promise<Auth> => {
  const { userinfo_endpoint: userinfo } = await discover(provider);
  const plugin = genericOAuth({
    config: [
      {
        providerId: provider.id,
        name: provider.name,
        clientId: provider.clientId,
        ...(provider.clientSecret === null ? {} : { clientSecret: provider.clientSecret }),
        discoveryUrl: discoveryUrl(provider.issuer),
        scopes: [...provider.scopes],
        pkce: true,
        requireIdTokenVerification: true,
        overrideUserInfo: false,
        getUserInfo: async ({ idToken, accessToken }) => {
          if (idToken === undefined) return null;
          const profile = await profileOf(idToken, accessToken, userinfo).catch(() => null);
          if (profile === null || profile.email === undefined) return null;
          const { sub, email_verified: emailVerified = false, name = "" } = profile;
          // As accounts are kept: better-auth finds the account by it, and folds letters that are not the same.
          const email = normalEmail(profile.email);
          if (email === null) return null;
          return { id: sub, sub, email, emailVerified, name };
        },
      },
    ],
  });
  const auth = await openAuth({ ...parts, plugins: [plugin] });
  // better-auth asks for the document again, and goes without the provider where it does not get it.
  if (!auth.providers.includes(provider.id)) throw new Error("its discovery document cannot be read");
  return auth;
};
