import { describe, expect, test } from "vitest";
import type { Credential, Identity } from "./identity.ts";
import { refuseCall } from "./may-call.ts";
import { type Permission, permissionNames, roles, type Scope, scopes } from "./permission.ts";

interface Line {
  /** `signed in`: whoever showed a credential, of whatever role. */
  readonly least: "anyone" | "signed in" | "viewer" | "editor" | "admin" | "server";
  /** Also for what reaches one space only. */
  readonly bound?: true;
  /** False: whatever the credential is limited to. */
  readonly scope?: false;
}

/** Who may use each permission, written out a second time; a permission without a line does not compile. */
const table: Readonly<Record<Permission, Line>> = {
  public: { least: "anyone" },
  "self:use": { least: "signed in", bound: true, scope: false },
  "account:use": { least: "signed in" },
  "memories:read": { least: "signed in", bound: true },
  "memories:write": { least: "signed in", bound: true },
  "memories:delete": { least: "signed in", bound: true },
  "spaces:read": { least: "signed in", bound: true },
  "spaces:create": { least: "editor" },
  "spaces:manage": { least: "signed in", bound: true },
  "embeddings:use": { least: "viewer", bound: true },
  "keys:manage": { least: "viewer", bound: true },
  "usage:read": { least: "viewer", bound: true },
  "members:read": { least: "viewer" },
  "members:manage": { least: "admin" },
  "organisation:manage": { least: "admin" },
  "audit:read": { least: "admin" },
  "metrics:read": { least: "server" },
  "server:manage": { least: "server" },
};

const mayUse: Readonly<Record<"admin" | "editor" | "viewer", readonly string[]>> = {
  admin: ["admin"],
  editor: ["admin", "editor"],
  viewer: ["admin", "editor", "viewer"],
};

const expected = (identity: Identity, permission: Permission): boolean => {
  const { least, bound = false, scope = true } = table[permission];
  if (least === "anyone" || identity.principal === "local") return true;
  if (identity.credential === "none") return false;
  if (scope && identity.scopes !== null && !identity.scopes.some((one) => one === permission)) return false;
  if (identity.space !== null && !bound) return false;
  if (least === "signed in") return true;
  return least === "server" ? identity.administrator : mayUse[least].includes(String(identity.role));
};

const credentials: readonly Credential[] = ["none", "loopback", "shell", "session", "key", "token", "provider"];
const scopesAround = (permission: Permission): readonly (readonly Scope[] | null)[] => [
  null,
  [],
  scopes.filter((scope) => scope === permission),
  scopes.filter((scope) => scope !== permission),
  scopes,
];

const identities = function* (permission: Permission): Generator<Identity> {
  for (const principal of ["local", "user:1", "key:1", "external:idp:1", "anonymous"])
    for (const credential of credentials)
      for (const role of [...roles, null])
        for (const space of [null, "one"])
          for (const administrator of [true, false])
            for (const organisation of ["here", null])
              for (const limited of scopesAround(permission))
                yield {
                  principal,
                  credential,
                  organisation,
                  role,
                  space,
                  administrator,
                  scopes: limited,
                  key: null,
                  instance: null,
                };
};

describe("who may make a call at all", () => {
  test.each(permissionNames)("TEN-2 is as the table says for %s", (permission) => {
    const wrong: unknown[] = [];
    for (const identity of identities(permission)) {
      const allowed = refuseCall(identity, permission) === null;
      if (allowed !== expected(identity, permission) && wrong.length < 5) wrong.push({ identity, allowed });
    }
    expect(wrong).toEqual([]);
  });

  test("names what would be needed, and never anything of what there is", () => {
    const viewer: Identity = {
      principal: "user:1",
      credential: "key",
      organisation: "here",
      role: "viewer",
      scopes: ["members:manage", "server:manage"],
      space: null,
      key: "1",
      instance: null,
      administrator: false,
    };
    expect(refuseCall({ ...viewer, credential: "none" }, "members:manage")).toEqual({ why: "not_signed_in" });
    expect(refuseCall(viewer, "memories:read")).toEqual({ why: "scope", scope: "memories:read" });
    expect(refuseCall({ ...viewer, space: "one" }, "members:manage")).toEqual({ why: "bound" });
    expect(refuseCall(viewer, "members:manage")).toEqual({ why: "role", least: "admin" });
    expect(refuseCall(viewer, "server:manage")).toEqual({ why: "server" });
  });
});
