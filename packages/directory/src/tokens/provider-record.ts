/** Rows of `identity_providers` as records, and back. What a later version wrote is read as narrow as it goes. */
import { type Role, roles as allRoles, scopes as allScopes } from "@cairn/memory/permission/permission";
import type { IdentityProvidersTable } from "../tables/tokens.ts";
import { providerAlgorithms } from "./algorithms.ts";
import type { IdentityProvider, IdentityProviderChange } from "./token-directory.ts";

/** By name and never `*`: see `schema-steps.ts`. */
export const providerColumns = [
  "id",
  "organisation",
  "issuer",
  "audience",
  "jwks_uri",
  "algorithms",
  "subject_claim",
  "role_claim",
  "roles",
  "default_role",
  "scopes",
  "space",
  "instance_claim",
  "created_at",
  "created_by",
  "updated_at",
] as const;

const words = (text: string): readonly string[] => text.split(" ").filter(Boolean);
const roleOf = (text: unknown): Role | null => allRoles.find((one) => one === text) ?? null;

const rolesOf = (text: string): IdentityProvider["roles"] => {
  const pairs = JSON.parse(text) as readonly (readonly [string, string])[];
  return pairs.flatMap(([value, name]) => {
    const role = roleOf(name);
    return role === null ? [] : [{ value, role }];
  });
};

export const toProvider = (row: IdentityProvidersTable): IdentityProvider => {
  const [algorithms, scopes] = [new Set(words(row.algorithms)), new Set(words(row.scopes))];
  return Object.freeze({
    id: row.id,
    organisation: row.organisation,
    issuer: row.issuer,
    audience: row.audience,
    jwksUri: row.jwks_uri,
    algorithms: providerAlgorithms.filter((one) => algorithms.has(one)),
    subjectClaim: row.subject_claim,
    roleClaim: row.role_claim,
    roles: rolesOf(row.roles),
    defaultRole: roleOf(row.default_role),
    scopes: allScopes.filter((one) => scopes.has(one)),
    space: row.space,
    instanceClaim: row.instance_claim,
    createdAt: row.created_at,
    createdBy: row.created_by,
    updatedAt: row.updated_at,
  });
};

const rolesText = (roles: IdentityProvider["roles"]): string =>
  JSON.stringify(roles.map(({ value, role }) => [value, role]));

export const toProviderRow = (provider: IdentityProvider): IdentityProvidersTable => ({
  id: provider.id,
  organisation: provider.organisation,
  issuer: provider.issuer,
  audience: provider.audience,
  jwks_uri: provider.jwksUri,
  algorithms: provider.algorithms.join(" "),
  subject_claim: provider.subjectClaim,
  role_claim: provider.roleClaim,
  roles: rolesText(provider.roles),
  default_role: provider.defaultRole,
  scopes: provider.scopes.join(" "),
  space: provider.space,
  instance_claim: provider.instanceClaim,
  created_at: provider.createdAt,
  created_by: provider.createdBy,
  updated_at: provider.updatedAt,
});

/** Only what is given. */
export const changedColumns = (change: IdentityProviderChange): Partial<IdentityProvidersTable> => ({
  ...(change.audience === undefined ? {} : { audience: change.audience }),
  ...(change.jwksUri === undefined ? {} : { jwks_uri: change.jwksUri }),
  ...(change.algorithms === undefined ? {} : { algorithms: change.algorithms.join(" ") }),
  ...(change.subjectClaim === undefined ? {} : { subject_claim: change.subjectClaim }),
  ...(change.roleClaim === undefined ? {} : { role_claim: change.roleClaim }),
  ...(change.roles === undefined ? {} : { roles: rolesText(change.roles) }),
  ...(change.defaultRole === undefined ? {} : { default_role: change.defaultRole }),
  ...(change.scopes === undefined ? {} : { scopes: change.scopes.join(" ") }),
  ...(change.space === undefined ? {} : { space: change.space }),
  ...(change.instanceClaim === undefined ? {} : { instance_claim: change.instanceClaim }),
});
