/** Rows of `keys` as records, and back. */
import { type Role, roles, type Scope, scopes } from "@cairn/memory/permission/permission";
import type { KeysTable } from "../tables/keys.ts";
import type { KeyRecord, NewKey } from "./key-directory.ts";

export type ListedRow = Omit<KeysTable, "pepper" | "hash" | "last_used_from">;

/** Of a later version: what this one does not understand gives nothing. */
const roleOf = (text: string | null): Role | null => roles.find((role) => role === text) ?? null;
const scopesOf = (text: string): readonly Scope[] => {
  const given = new Set(text.split(" "));
  return scopes.filter((scope) => given.has(scope));
};

export const toRecord = (row: ListedRow): KeyRecord =>
  Object.freeze({
    id: row.id,
    organisation: row.organisation,
    owner: row.owner,
    role: roleOf(row.role),
    space: row.space,
    label: row.label,
    scopes: scopesOf(row.scopes),
    instance: row.instance,
    addresses: row.addresses === null ? null : row.addresses.split(" ").filter(Boolean),
    replaces: row.replaces,
    createdAt: row.created_at,
    createdBy: row.created_by,
    expiresAt: row.expires_at,
    revokedAt: row.revoked_at,
    lastUsedAt: row.last_used_at,
  });

export const addressesText = (addresses: readonly string[] | null): string | null => addresses?.join(" ") ?? null;

export const toRow = (key: NewKey, createdAt: number): KeysTable => ({
  id: key.id,
  organisation: key.organisation,
  owner: key.owner,
  role: key.role,
  space: key.space,
  label: key.label,
  scopes: key.scopes.join(" "),
  instance: key.instance,
  addresses: addressesText(key.addresses),
  pepper: key.pepper,
  hash: key.hash,
  replaces: key.replaces,
  created_at: createdAt,
  created_by: key.createdBy,
  expires_at: key.expiresAt,
  revoked_at: null,
  last_used_at: null,
  last_used_from: null,
});
