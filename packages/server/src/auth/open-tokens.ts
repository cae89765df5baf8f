/** Puts together all that tokens need (TEN-3). Nothing is loaded, made or asked before the first token comes. */
import type { Tenants } from "@cairn/directory/tenants";
import type { Clock } from "@cairn/kernel/clock";
import type { TokenIssuer } from "@cairn/operations/token-issuer";
import type { CredentialReader } from "./credential-readers.ts";
import { makeProviderKeys } from "./provider-keys.ts";
import { makeSafeFetch } from "./safe-fetch.ts";
import type { Secrets } from "./secrets.ts";
import { makeSigningKeys, type SigningKeys } from "./signing-keys.ts";
import { makeTokenIssuer, plainIssuer } from "./token-issuer.ts";
import { makeTokenReader } from "./token-reader.ts";

export interface TokensOptions {
  readonly tenants: Pick<Tenants, "keys" | "tokens"> & {
    readonly organisations: Pick<Tenants["organisations"], "find" | "roleOf">;
  };
  /** Asked when a token is issued; checking one needs none. */
  readonly secrets: () => Promise<Secrets>;
  readonly clock: Clock;
  /** Null: tokens name `cairn` as their issuer. */
  readonly publicUrl: string | null;
  readonly allowPrivateProviders: boolean;
  readonly warn: (line: string) => void;
}

export interface Tokens {
  /** For operations. */
  readonly issuer: TokenIssuer;
  readonly reader: CredentialReader;
  /** For `jwksPage`. */
  readonly keys: SigningKeys;
}

export const openTokens = (options: TokensOptions): Tokens => {
  const { tenants, secrets, clock, publicUrl, allowPrivateProviders, warn } = options;
  const issuer = publicUrl ?? plainIssuer;
  const keys = makeSigningKeys({ directory: tenants.tokens.signingKeys, secrets, clock, warn });
  const fetch = makeSafeFetch({ allowPrivate: allowPrivateProviders });
  return {
    issuer: makeTokenIssuer({ keys, issuer, clock }),
    reader: makeTokenReader({
      tenants,
      keys,
      issuer,
      clock,
      providers: tenants.tokens.providers,
      providerKeys: makeProviderKeys({ fetch, clock, warn }),
    }),
    keys,
  };
};
