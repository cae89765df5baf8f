/**
 * Sign-in through the OpenID providers of the settings: authorization code with PKCE (RFC 7636), state and nonce, and an
 * ID token whose signature, issuer and audience are checked. Each provider has a better-auth of its own, opened when it
 * is first needed, so that one that is away keeps nobody from signing in otherwise, and is asked again later.
 */
import { CairnError } from "@cairn/kernel/error";
import type { SignInProvider } from "../settings/sign-in-providers.ts";
import type { Auth } from "./auth.ts";
import type { AuthParts } from "./auth-options.ts";

export interface Providers {
  readonly list: readonly Pick<SignInProvider, "id" | "name">[];
  /** Throws provider.not_found, provider.unavailable. */
  readonly auth: (id: string) => Promise<Auth>;
}

export interface ProvidersOptions {
  readonly providers: readonly SignInProvider[];
  readonly parts: () => AuthParts;
  /** A line for the log. */
  readonly warn: (line: string) => void;
}

const unavailable = (id: string): CairnError =>
  new CairnError("provider.unavailable", `The sign-in provider ${id} does not answer as it should.`, {
    retryAfterMs: 10_000,
    hint: "Try again in a moment, or sign in with a password.",
  });

export const makeProviders = ({ providers, parts, warn }: ProvidersOptions): Providers => {
  const opened = new Map<string, Promise<Auth>>();
  const open = async (provider: SignInProvider): Promise<Auth> => {
    const { openProviderAuth } = await import("./provider-auth.ts");
    try {
      return await openProviderAuth(parts(), provider);
    } catch (error) {
      opened.delete(provider.id);
      warn(`The sign-in provider ${provider.id} cannot be used: ${error instanceof Error ? error.message : "unknown"}`);
      throw unavailable(provider.id);
    }
  };
  return {
    list: providers.map(({ id, name }) => ({ id, name })),
    auth: async (id) => {
      const provider = providers.find((one) => one.id === id);
      if (provider === undefined) {
        throw new CairnError("provider.not_found", "There is no such sign-in provider.", {
          hint: "GET /auth/options lists them.",
        });
      }
      const known = opened.get(id);
      if (known !== undefined) return known;
      const opening = open(provider);
      opened.set(id, opening);
      return opening;
    },
  };
};
