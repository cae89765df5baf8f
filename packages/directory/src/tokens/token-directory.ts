/**
 * The port of the directory as far as tokens go (TEN-3): the keys that sign ours, and the providers whose tokens are
 * believed besides. A change that comes with a `note` of its call is audited in its transaction. Both databases pass
 * `testing/src/tokens-conformance.ts`.
 */
import type { Millis } from "@cairn/kernel/clock";
import type { AuditEntry } from "@cairn/memory/audit/audit-entry";
import type { Role, Scope } from "@cairn/memory/permission/permission";
import type { ProviderAlgorithm, SigningAlgorithm } from "./algorithms.ts";

/** A pair of keys as the directory keeps it: what is secret of it is sealed by whoever uses it. */
export interface SigningKey {
  /** Names it in the head of a token. */
  readonly id: string;
  /** Counts from 1; the highest that has begun to sign does. */
  readonly generation: number;
  readonly algorithm: SigningAlgorithm;
  /** A JSON Web Key (RFC 7517) as JSON. */
  readonly publicKey: string;
  readonly sealed: string;
  /** The id of the secret that `sealed` is sealed under. */
  readonly secret: string;
  readonly signsFrom: Millis;
  readonly createdAt: Millis;
}

export type NewSigningKey = Omit<SigningKey, "createdAt">;

export interface SigningKeyDirectory {
  /** All there are, the newest first. Remembered, and forgotten within a second of a change on any server. */
  readonly all: () => Promise<readonly SigningKey[]>;
  /** The same, asked anew. */
  readonly allNow: () => Promise<readonly SigningKey[]>;
  /**
   * Adds the next generation, and drops the keys of the generations `without`. False, and nothing is changed, where
   * that generation or a later one is there already: another server was faster.
   */
  readonly add: (key: NewSigningKey, without: readonly number[], note?: AuditEntry) => Promise<boolean>;
  /** Another sealing of the same key; nothing happens where it is not sealed under `before` any more. */
  readonly reseal: (id: string, before: string, next: Pick<SigningKey, "sealed" | "secret">) => Promise<void>;
}

/** Somebody else's sign-in whose tokens an organisation believes. */
export interface IdentityProvider {
  readonly id: string;
  readonly organisation: string;
  /** `iss` of its tokens, exactly; never changed, because the names of its people are unique with it only. */
  readonly issuer: string;
  /** What `aud` of its tokens must hold. A pair of issuer and audience belongs to one organisation. */
  readonly audience: string;
  readonly jwksUri: string;
  readonly algorithms: readonly ProviderAlgorithm[];
  readonly subjectClaim: string;
  readonly roleClaim: string | null;
  /** Which role a value of the role claim gives; of several the mightiest counts. */
  readonly roles: readonly { readonly value: string; readonly role: Role }[];
  /** Null: who has none of the values is refused. */
  readonly defaultRole: Role | null;
  readonly scopes: readonly Scope[];
  /** The id of the only space that its people reach; null: all that their role reaches. */
  readonly space: string | null;
  readonly instanceClaim: string | null;
  readonly createdAt: Millis;
  readonly createdBy: string;
  readonly updatedAt: Millis;
}

export type NewIdentityProvider = Omit<IdentityProvider, "id" | "createdAt" | "updatedAt">;
export type IdentityProviderChange = Partial<
  Omit<IdentityProvider, "id" | "organisation" | "issuer" | "createdAt" | "createdBy" | "updatedAt">
>;

/** Of one organisation. */
export const mostProviders = 20;

export interface IdentityProviderDirectory {
  /** All of one issuer, on the whole server. Remembered, and forgotten within a second of a change on any server. */
  readonly ofIssuer: (issuer: string) => Promise<readonly IdentityProvider[]>;
  /** Throws provider.taken; limit.exceeded where the organisation has `mostProviders` already. */
  readonly create: (provider: NewIdentityProvider, note?: AuditEntry) => Promise<IdentityProvider>;
  /** All of an organisation, the oldest first. */
  readonly list: (organisation: string) => Promise<readonly IdentityProvider[]>;
  /** Throws provider.not_found. */
  readonly get: (organisation: string, id: string) => Promise<IdentityProvider>;
  /** Sets what is given. Throws provider.not_found, provider.taken. */
  readonly update: (
    organisation: string,
    id: string,
    change: IdentityProviderChange,
    note?: AuditEntry,
  ) => Promise<IdentityProvider>;
  /** Its tokens are refused from then on. Throws provider.not_found. */
  readonly remove: (organisation: string, id: string, note?: AuditEntry) => Promise<void>;
}

export interface TokenDirectory {
  readonly signingKeys: SigningKeyDirectory;
  readonly providers: IdentityProviderDirectory;
}
