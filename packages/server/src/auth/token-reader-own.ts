/**
 * Reads tokens of ours. The signature is checked with the key that the token names among ours, by the algorithm that the
 * key has; then everything that can be taken away is asked anew: the membership, the role, and the key that the token was
 * made with. So it ends with them, within a second, on every server.
 */
import { makeAddressBlocks } from "@cairn/directory/keys/address-blocks";
import type { KeyRecord } from "@cairn/directory/keys/key-directory";
import { type Standing, standingOf, standingWithRole } from "@cairn/directory/standing";
import type { Tenants } from "@cairn/directory/tenants";
import type { Clock } from "@cairn/kernel/clock";
import { isUuid } from "@cairn/kernel/id";
import type { Identity } from "@cairn/memory/permission/identity";
import { type Scope, scopes as allScopes } from "@cairn/memory/permission/permission";
import type { JWTPayload } from "jose";
import { longestTokenMs } from "./signing-keys-turn.ts";
import type { SigningKeys } from "./signing-keys.ts";
import { tokenAudience, tokenType } from "./token-issuer.ts";
import type { TokenHead } from "./token-reader-parts.ts";

export interface OwnTokensOptions {
  readonly tenants: Pick<Tenants, "keys"> & {
    readonly organisations: Pick<Tenants["organisations"], "find" | "roleOf">;
  };
  readonly keys: Pick<SigningKeys, "find">;
  readonly issuer: string;
  readonly clock: Clock;
}

/** Characters; ours have some hundreds. */
const mostOwnLength = 4_096;
/** Seconds that clocks may differ. */
export const clockTolerance = 5;

interface Claims {
  readonly principal: string;
  readonly organisation: string;
  readonly scopes: readonly Scope[];
  readonly space: string | null;
  readonly key: string | null;
  readonly instance: string | null;
  readonly until: number;
}

const textOr = (value: unknown, otherwise: null): string | null | undefined =>
  value === undefined ? otherwise : typeof value === "string" ? value : undefined;

const claimsOf = (payload: JWTPayload, now: number): Claims | null => {
  const { sub, iat, exp, aud, org, scope, space, key, instance } = payload;
  if (typeof iat !== "number" || typeof exp !== "number" || aud !== tokenAudience) return null;
  if (iat > now / 1_000 + clockTolerance || exp - iat > longestTokenMs / 1_000) return null;
  if (typeof sub !== "string" || typeof org !== "string" || !isUuid(org) || typeof scope !== "string") return null;
  const names = scope.split(" ");
  const [boundTo, madeWith, agent] = [textOr(space, null), textOr(key, null), textOr(instance, null)];
  if (boundTo === undefined || madeWith === undefined || agent === undefined) return null;
  return {
    principal: sub,
    organisation: org,
    scopes: allScopes.filter((one) => names.includes(one)),
    space: boundTo,
    key: madeWith,
    instance: agent,
    until: exp * 1_000,
  };
};

/** The key still stands for the token's principal, and for no less than the token. */
const stillCovers = (record: KeyRecord, claims: Claims, now: number): boolean => {
  const { organisation, principal, space, scopes } = claims;
  if (record.organisation !== organisation || principal !== (record.owner ?? `key:${record.id}`)) return false;
  if (record.revokedAt !== null && record.revokedAt <= now) return false;
  if (record.expiresAt !== null && record.expiresAt <= now) return false;
  if (record.space !== null && record.space !== space) return false;
  return scopes.every((one) => record.scopes.includes(one));
};

const mayComeFrom = ({ addresses }: KeyRecord, address: string | null): boolean =>
  addresses === null || (address !== null && makeAddressBlocks(addresses)(address));

/** Null: not good, for whatever reason. Throws organisation.suspended, storage.*. */
export const makeOwnTokens = ({ tenants, keys, issuer, clock }: OwnTokensOptions) => {
  const verified = async (token: string, head: TokenHead): Promise<JWTPayload | null> => {
    if (token.length > mostOwnLength || head.kid === null) return null;
    const found = await keys.find(head.kid);
    if (found === null) return null;
    const { jwtVerify } = await import("jose");
    try {
      const { payload } = await jwtVerify(token, found.key, {
        algorithms: [found.algorithm],
        issuer,
        audience: tokenAudience,
        typ: tokenType,
        clockTolerance,
        currentDate: new Date(clock()),
        requiredClaims: ["sub", "org", "iat", "nbf", "exp", "jti", "scope"],
      });
      return payload;
    } catch {
      return null;
    }
  };

  const standingNow = async (claims: Claims, address: string | null): Promise<Standing | null> => {
    const { principal, organisation, key } = claims;
    let record: KeyRecord | null = null;
    if (key !== null) {
      record = (await tenants.keys.find(key))?.record ?? null;
      if (record === null || !stillCovers(record, claims, clock())) return null;
      if (!mayComeFrom(record, address)) return null;
    }
    if (principal.startsWith("user:")) return standingOf(tenants.organisations, organisation, principal);
    // Else it can only be the key itself, which alone has a role of its own.
    const role = record?.role ?? null;
    return role === null ? null : standingWithRole(tenants.organisations, organisation, role);
  };

  return async (token: string, head: TokenHead, address: string | null): Promise<Identity | null> => {
    const payload = await verified(token, head);
    const claims = payload === null ? null : claimsOf(payload, clock());
    const standing = claims === null ? null : await standingNow(claims, address);
    if (claims === null || standing === null) return null;
    const { principal, scopes, space, key, instance, until } = claims;
    return { ...standing, principal, credential: "token", scopes, space, key, instance, until };
  };
};
