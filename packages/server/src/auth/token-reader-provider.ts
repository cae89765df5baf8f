/**
 * Reads tokens of a customer's own identity provider: the signature by a key that the provider publishes and an algorithm
 * that was agreed on, then the claims by the provider's settings. Whoever it names is `external:<provider>:<subject>`.
 */
import { standingWithRole } from "@cairn/directory/standing";
import type { Tenants } from "@cairn/directory/tenants";
import { providerAlgorithms } from "@cairn/directory/tokens/algorithms";
import type { IdentityProvider } from "@cairn/directory/tokens/token-directory";
import type { Clock } from "@cairn/kernel/clock";
import type { Identity } from "@cairn/memory/permission/identity";
import { type Role, roles as allRoles } from "@cairn/memory/permission/permission";
import type { JWTPayload } from "jose";
import { isInstanceId } from "../settings/instance-id.ts";
import type { ProviderKeys } from "./provider-keys.ts";
import { clockTolerance } from "./token-reader-own.ts";
import type { TokenHead } from "./token-reader-parts.ts";

export interface ProviderTokensOptions {
  readonly organisations: Pick<Tenants["organisations"], "find">;
  readonly keys: ProviderKeys;
  readonly clock: Clock;
}

/** Others are for other purposes: a logout, a proof of possession, a security event (RFC 8725 §3.11). */
const types: ReadonlySet<string | null> = new Set([null, "jwt", "at+jwt"]);

/** Seconds that a token may live: it cannot be taken back. */
const longest = 24 * 60 * 60;

/** 1..200 characters that can be seen, and blanks between them. */
const subjectPattern = /^(?! )[^\p{C}\p{Zl}\p{Zp}]{1,200}(?<! )$/u;

/** The claim of that name, also one that is a path such as `realm_access.roles`. */
const claimIn = (payload: JWTPayload, name: string): unknown => {
  if (Object.hasOwn(payload, name)) return payload[name];
  let value: unknown = payload;
  for (const part of name.split(".")) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, part)) return undefined;
    value = (value as Readonly<Record<string, unknown>>)[part];
  }
  return value;
};

const roleFor = ({ roleClaim, roles, defaultRole }: IdentityProvider, payload: JWTPayload): Role | null => {
  const said: unknown = roleClaim === null ? undefined : claimIn(payload, roleClaim);
  const values: readonly unknown[] = Array.isArray(said) ? said : [said];
  const given = new Set(roles.filter(({ value }) => values.includes(value)).map(({ role }) => role));
  return allRoles.find((role) => given.has(role)) ?? defaultRole;
};

/** Undefined: what it says is no name of an instance. */
const instanceFor = ({ instanceClaim }: IdentityProvider, payload: JWTPayload): string | null | undefined => {
  const said = instanceClaim === null ? undefined : claimIn(payload, instanceClaim);
  if (said === undefined || said === null) return null;
  return typeof said === "string" && isInstanceId(said) ? said : undefined;
};

/** Times that make sense: it was issued, not in the future, and does not live long. */
const isTimely = ({ iat, exp }: JWTPayload, now: number): boolean =>
  typeof iat === "number" &&
  typeof exp === "number" &&
  iat <= now / 1_000 + clockTolerance &&
  exp > iat &&
  exp - iat <= longest;

/** Null: not good, for whatever reason. Throws provider.unavailable, organisation.suspended, storage.*. */
export const makeProviderTokens = ({ organisations, keys, clock }: ProviderTokensOptions) => {
  const verified = async (token: string, head: TokenHead, provider: IdentityProvider): Promise<JWTPayload | null> => {
    const algorithm = providerAlgorithms.find((one) => one === head.algorithm);
    if (algorithm === undefined || !provider.algorithms.includes(algorithm) || !types.has(head.type)) return null;
    const candidates = await keys.candidates(provider, head.kid, algorithm);
    const { jwtVerify } = await import("jose");
    for (const key of candidates) {
      try {
        const { payload } = await jwtVerify(token, key, {
          algorithms: [algorithm],
          issuer: provider.issuer,
          audience: provider.audience,
          clockTolerance,
          currentDate: new Date(clock()),
          requiredClaims: ["iat", "exp"],
        });
        return payload;
      } catch {
        // Another key of the same name may have made it.
      }
    }
    return null;
  };

  return async (token: string, head: TokenHead, provider: IdentityProvider): Promise<Identity | null> => {
    const payload = await verified(token, head, provider);
    // `cnf`: only good together with a proof of possession (RFC 7800), which nobody can show here.
    if (payload === null || payload["cnf"] !== undefined || !isTimely(payload, clock())) return null;
    const subject = claimIn(payload, provider.subjectClaim);
    const role = roleFor(provider, payload);
    const instance = instanceFor(provider, payload);
    if (typeof subject !== "string" || !subjectPattern.test(subject)) return null;
    if (role === null || instance === undefined) return null;
    const standing = await standingWithRole(organisations, provider.organisation, role);
    if (standing === null) return null;
    return {
      ...standing,
      principal: `external:${provider.id}:${subject}`,
      credential: "provider",
      scopes: provider.scopes,
      space: provider.space,
      key: null,
      instance,
      until: (payload.exp ?? 0) * 1_000,
    };
  };
};
