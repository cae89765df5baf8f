/**
 * Reads bearer tokens that are JSON Web Tokens (TEN-3), ours and those of customers' own providers (RFC 7519, with the
 * advice of RFC 8725). What the token says of its issuer and audience decides only who checks it: at most one, for a
 * pair of both belongs to one organisation.
 */
import type { Tenants } from "@cairn/directory/tenants";
import type { IdentityProvider } from "@cairn/directory/tokens/token-directory";
import type { CredentialReader } from "./credential-readers.ts";
import { tokenAudience } from "./token-issuer.ts";
import { makeOwnTokens, type OwnTokensOptions } from "./token-reader-own.ts";
import { readUnverified, type UnverifiedToken } from "./token-reader-parts.ts";
import { makeProviderTokens, type ProviderTokensOptions } from "./token-reader-provider.ts";

export interface TokenReaderOptions extends OwnTokensOptions {
  readonly providers: Pick<Tenants["tokens"]["providers"], "ofIssuer">;
  readonly providerKeys: ProviderTokensOptions["keys"];
}

/** Whether it could be one: three parts with dots between them. */
export const looksLikeToken = (bearer: string): boolean => bearer.split(".", 4).length === 3;

export const makeTokenReader = (options: TokenReaderOptions): CredentialReader => {
  const { tenants, issuer, clock, providers, providerKeys } = options;
  const { organisations } = tenants;
  const readOwn = makeOwnTokens(options);
  const readForeign = makeProviderTokens({ organisations, keys: providerKeys, clock });

  const providerOf = async ({ issuer: from, audiences }: UnverifiedToken): Promise<IdentityProvider | null> => {
    const all = await providers.ofIssuer(from);
    const fitting = all.filter(({ audience }) => audiences.includes(audience));
    // One that is meant for two of ours could be either's.
    return fitting.length === 1 ? (fitting[0] ?? null) : null;
  };

  const read = async (token: string, address: string | null) => {
    const said = readUnverified(token);
    if (said === null) return null;
    if (said.issuer === issuer) {
      return said.audiences.includes(tokenAudience) ? readOwn(token, said.head, address) : null;
    }
    const provider = await providerOf(said);
    return provider === null ? null : readForeign(token, said.head, provider);
  };

  return async ({ bearer, address, organisation: wanted }) => {
    if (bearer === null || !looksLikeToken(bearer)) return null;
    const identity = await read(bearer, address);
    if (identity === null || identity.organisation === null || wanted === null) return identity;
    // A token is of one organisation; whoever names another one means something else.
    const own = await organisations.find(identity.organisation);
    return wanted === own?.id || wanted === own?.slug ? identity : null;
  };
};
