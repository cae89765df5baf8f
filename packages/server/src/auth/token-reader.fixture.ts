/** A server's tokens over a real directory in memory, with organisations, members and keys that a test sets as it likes. */
import { openSqliteDatabase } from "@cairn/directory/database/sqlite-database";
import type { KeyProof, KeyRecord } from "@cairn/directory/keys/key-directory";
import type { Organisation, OrganisationStatus } from "@cairn/directory/organisations/organisation-directory";
import type { NewIdentityProvider } from "@cairn/directory/tokens/token-directory";
import { tokensOver } from "@cairn/directory/tokens/tokens-over";
import { newId } from "@cairn/kernel/id";
import type { Identity } from "@cairn/memory/permission/identity";
import { agentScopes, type Role } from "@cairn/memory/permission/permission";
import type { TokenClaims } from "@cairn/operations/token-issuer";
import type { SafeFetch } from "./safe-fetch.ts";
import { makeProviderKeys } from "./provider-keys.ts";
import { secretsOf } from "./secrets.ts";
import { makeSigningKeys } from "./signing-keys.ts";
import { makeTokenIssuer } from "./token-issuer.ts";
import { makeTokenReader } from "./token-reader.ts";

export const startsAt = Date.parse("2026-03-14T12:00:00Z");
export const ourIssuer = "https://memory.example.com";

export const keyRecord = (changes: Partial<KeyRecord> = {}): KeyRecord => ({
  id: "k1",
  organisation: newId(),
  owner: null,
  role: "editor",
  space: null,
  label: "a key",
  scopes: agentScopes,
  instance: null,
  addresses: null,
  replaces: null,
  createdAt: startsAt,
  createdBy: "user:1",
  expiresAt: null,
  revokedAt: null,
  lastUsedAt: null,
  ...changes,
});

export interface TokenWorldOptions {
  /** What providers publish, by address. */
  readonly fetch?: SafeFetch;
  /** Milliseconds since 1970; `startsAt` when absent. */
  readonly at?: number;
}

export const setUpTokens = ({ fetch = async () => '{"keys":[]}', at = startsAt }: TokenWorldOptions = {}) => {
  let now = at;
  const clock = (): number => now;
  const database = openSqliteDatabase({ file: ":memory:" });
  const tokens = tokensOver(database, clock);
  const organisation = newId();
  let status: OrganisationStatus = "active";
  const members = new Map<string, Role>();
  const records = new Map<string, KeyRecord>();
  const warnings: string[] = [];
  const tenants = {
    tokens,
    organisations: {
      find: async (id: string) => (id === organisation ? ({ id, slug: "acme", status } as Organisation) : null),
      roleOf: async (id: string, principal: string) => (id === organisation ? (members.get(principal) ?? null) : null),
    },
    keys: {
      find: async (id: string): Promise<KeyProof | null> => {
        const record = records.get(id);
        return record === undefined ? null : { record, pepper: "", hash: "" };
      },
    } as never,
  };
  const warn = (line: string): void => void warnings.push(line);
  const secrets = secretsOf(["one secret of thirty-two characters"]);
  const keys = makeSigningKeys({ directory: tokens.signingKeys, secrets: async () => secrets, clock, warn });
  const issuer = makeTokenIssuer({ keys, issuer: ourIssuer, clock });
  const providerKeys = makeProviderKeys({ fetch, clock, warn });
  const reader = makeTokenReader({
    tenants,
    keys,
    issuer: ourIssuer,
    clock,
    providers: tokens.providers,
    providerKeys,
  });
  return {
    organisation,
    members,
    keys,
    records,
    tokens,
    issuer,
    warnings,
    now: clock,
    pass: (milliseconds: number): void => {
      now += milliseconds;
    },
    suspend: (): void => {
      status = "suspended";
    },
    /** A token for a person unless told otherwise, for 15 minutes. */
    issue: (changes: Partial<TokenClaims> = {}): Promise<string> =>
      issuer.issue({
        principal: "user:anna",
        organisation,
        scopes: agentScopes,
        space: null,
        key: null,
        instance: null,
        expiresAt: now + 900_000,
        ...changes,
      }),
    read: (
      bearer: string,
      shown: { readonly organisation?: string; readonly address?: string } = {},
    ): Promise<Identity | null> =>
      reader({
        bearer,
        headers: new Headers(),
        organisation: shown.organisation ?? null,
        address: shown.address ?? null,
        unsafe: false,
      }),
    believe: (changes: Partial<NewIdentityProvider> = {}) =>
      tokens.providers.create({
        organisation,
        issuer: "https://login.example.com",
        audience: "cairn-acme",
        jwksUri: "https://login.example.com/keys",
        algorithms: ["ES256", "EdDSA"],
        subjectClaim: "sub",
        roleClaim: null,
        roles: [],
        defaultRole: "editor",
        scopes: agentScopes,
        space: null,
        instanceClaim: null,
        createdBy: "user:anna",
        ...changes,
      }),
    [Symbol.asyncDispose]: () => database.close(),
  };
};
