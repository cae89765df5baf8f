/** Callers of operations on keys: people of the home organisation, and whoever comes with a key. */
import { homeOrganisation, type Identity } from "@cairn/memory/permission/identity";
import type { Role, Scope } from "@cairn/memory/permission/permission";
import type { Operation } from "@cairn/operations/operation";
import { setUpOperations } from "./setup-operations.ts";

export const person = (name: string, role: Role, changes: Partial<Identity> = {}): Identity => ({
  principal: `user:${name}`,
  credential: "session",
  organisation: homeOrganisation,
  role,
  scopes: null,
  space: null,
  key: null,
  instance: null,
  administrator: role === "admin",
  ...changes,
});

export const setUp = () => {
  const setup = setUpOperations();
  const { pipeline, caller, services } = setup;
  const as =
    (identity: Identity) =>
    <In extends Operation["input"], Out extends Operation["output"]>(operation: Operation<In, Out>, input: unknown) =>
      pipeline.call(operation, { ...caller, identity }, input);
  /** Calls with a key as whoever reads it would have them. */
  const withKey = async (id: string, role: Role) => {
    const { record } = (await services.tenants.keys.find(id))!;
    const own = { key: id, scopes: record.scopes, space: record.space, instance: record.instance };
    const principal = record.owner ?? `key:${id}`;
    return as({ ...person("x", record.role ?? role), ...own, principal, credential: "key" });
  };
  return { ...setup, as, withKey };
};

export const admin = person("admin", "admin");
export const editor = person("editor", "editor");
export const viewer = person("viewer", "viewer");
export const manages: readonly Scope[] = ["keys:manage", "memories:read"];
export const forbidden = { code: "auth.forbidden" };
export const unknown = { code: "key.not_found" };

/** Nobody has shown a credential. */
export const anonymous: Identity = {
  ...viewer,
  principal: "anonymous",
  credential: "none",
  organisation: null,
  role: null,
};
