/** Makes tokens of ours (TEN-3): JSON Web Tokens in the profile for access (RFC 9068), signed with the key whose turn it is. */
import type { Clock } from "@cairn/kernel/clock";
import { newId } from "@cairn/kernel/id";
import type { TokenIssuer } from "@cairn/operations/token-issuer";
import type { SigningKeys } from "./signing-keys.ts";

/** Of tokens of a server without a public address. */
export const plainIssuer = "cairn";
export const tokenAudience = "cairn";
export const tokenType = "at+jwt";

export interface TokenIssuerOptions {
  readonly keys: Pick<SigningKeys, "signer" | "rotate">;
  /** The server's public address, or `plainIssuer`. */
  readonly issuer: string;
  readonly clock: Clock;
}

export const makeTokenIssuer = ({ keys, issuer, clock }: TokenIssuerOptions): TokenIssuer => ({
  issuer,
  issue: async ({ principal, organisation, scopes, space, key: madeWith, instance, expiresAt }) => {
    const [{ SignJWT }, { id, algorithm, key }] = await Promise.all([import("jose"), keys.signer()]);
    const now = Math.floor(clock() / 1_000);
    return new SignJWT({
      org: organisation,
      scope: scopes.join(" "),
      ...(space === null ? {} : { space }),
      ...(madeWith === null ? {} : { key: madeWith }),
      ...(instance === null ? {} : { instance }),
    })
      .setProtectedHeader({ alg: algorithm, kid: id, typ: tokenType })
      .setIssuer(issuer)
      .setAudience(tokenAudience)
      .setSubject(principal)
      .setJti(newId())
      .setIssuedAt(now)
      .setNotBefore(now)
      .setExpirationTime(Math.floor(expiresAt / 1_000))
      .sign(key);
  },
  rotateKeys: (revoke, note) => keys.rotate(revoke, note),
});
