import { describe, expect, test } from "vitest";
import { decide, type Grant, type SpaceAccess } from "./decide.ts";
import type { Credential, Identity } from "./identity.ts";
import { roles, spaceActions, visibilities, type SpaceAction } from "./permission.ts";

/**
 * What each member may do without a grant, written out: visibility, role, and whose the space is. r, w, d, m stand for
 * read, write, delete and manage.
 */
const withoutGrant: Readonly<Record<string, string>> = {
  "private admin mine": "rwdm",
  "private admin theirs": "",
  "private admin nobody's": "",
  "private editor mine": "rwdm",
  "private editor theirs": "",
  "private editor nobody's": "",
  "private viewer mine": "rwdm",
  "private viewer theirs": "",
  "private viewer nobody's": "",
  "organisation admin mine": "rwdm",
  "organisation admin theirs": "rwdm",
  "organisation admin nobody's": "rwdm",
  "organisation editor mine": "rwd",
  "organisation editor theirs": "rwd",
  "organisation editor nobody's": "rwd",
  "organisation viewer mine": "r",
  "organisation viewer theirs": "r",
  "organisation viewer nobody's": "r",
  "public admin mine": "rwdm",
  "public admin theirs": "rwdm",
  "public admin nobody's": "rwdm",
  "public editor mine": "rwd",
  "public editor theirs": "rwd",
  "public editor nobody's": "rwd",
  "public viewer mine": "r",
  "public viewer theirs": "r",
  "public viewer nobody's": "r",
};

const letters: Readonly<Record<SpaceAction, string>> = { read: "r", write: "w", delete: "d", manage: "m" };
const credentials: readonly Credential[] = ["none", "loopback", "shell", "session", "key", "token", "provider"];
const principals = ["local", "user:me", "key:me", "external:idp:me", "anonymous"] as const;
const owners = ["mine", "theirs", "nobody's"] as const;
const organisations = ["here", "elsewhere", null] as const;
const bounds = [null, "this", "another"] as const;

/** No grant, and each of the sixteen there can be. */
const grantsToMe: readonly (readonly SpaceAction[] | null)[] = [
  null,
  ...Array.from({ length: 16 }, (_, bits) => spaceActions.filter((_action, index) => (bits & (1 << index)) !== 0)),
];

interface Case {
  readonly identity: Identity;
  readonly space: SpaceAccess;
  readonly whose: (typeof owners)[number];
  readonly granted: readonly SpaceAction[] | null;
}

/** The letters of all that is allowed, from the table above and five sentences. */
const expected = ({ identity, space, whose, granted }: Case): string => {
  if (identity.principal === "local") return "rwdm";
  if (identity.space === "another") return "";
  const isMember = identity.organisation === "here" && identity.role !== null;
  if (!isMember) return space.visibility === "public" && identity.credential !== "none" ? "r" : "";
  const own = withoutGrant[`${space.visibility} ${identity.role} ${whose}`] ?? "missing";
  if (granted === null) return own;
  const given = granted.map((action) => letters[action]).join("");
  const always = space.visibility === "private" ? whose === "mine" : identity.role === "admin";
  const keeps = always && !given.includes("m");
  return keeps ? `${given}m` : given;
};

const ownerOf = (whose: Case["whose"], principal: string): string | null =>
  whose === "mine" ? principal : whose === "theirs" ? "user:other" : null;

const identities = function* (): Generator<Identity> {
  for (const principal of principals)
    for (const credential of credentials)
      for (const organisation of organisations)
        for (const role of [...roles, null])
          for (const space of bounds)
            for (const administrator of [true, false])
              yield {
                principal,
                credential,
                organisation,
                role,
                space,
                administrator,
                scopes: null,
                key: null,
                instance: null,
              };
};

const cases = function* (): Generator<Case> {
  for (const identity of identities())
    for (const visibility of visibilities)
      for (const whose of owners) {
        const owner = ownerOf(whose, identity.principal);
        const space = { id: "this", organisation: "here", visibility, owner };
        for (const granted of grantsToMe) yield { identity, space, whose, granted };
      }
};

/** All actions, also of others: a grant to somebody else is nothing to me. */
const others: readonly Grant[] = [
  { principal: "user:other", actions: spaceActions },
  { principal: "user:me2", actions: [] },
];

const allowedBy = ({ identity, space, granted }: Case): string => {
  const grants = granted === null ? others : [...others, { principal: identity.principal, actions: granted }];
  return spaceActions
    .filter((action) => decide(identity, action, space, grants).allowed)
    .map((action) => letters[action])
    .join("");
};

describe("COL-2 who may do what to a space", () => {
  test("is as the table says, for every role, visibility, owner, grant, credential, binding and organisation", () => {
    const wrong: unknown[] = [];
    let count = 0;
    for (const one of cases()) {
      count += 1;
      const found = allowedBy(one);
      if (found !== expected(one) && wrong.length < 5) wrong.push({ ...one, found, expected: expected(one) });
    }
    expect(wrong).toEqual([]);
    expect(count).toBe(5 * 7 * 3 * 4 * 3 * 2 * 3 * 3 * 17);
  });

  test("REC-5 comes with the reason", () => {
    const me: Identity = {
      principal: "user:me",
      credential: "session",
      organisation: "here",
      role: "editor",
      space: null,
      administrator: false,
      scopes: null,
      key: null,
      instance: null,
    };
    const space: SpaceAccess = { id: "this", organisation: "here", visibility: "organisation", owner: null };
    const mine: SpaceAccess = { ...space, visibility: "private", owner: "user:me" };
    const grant: readonly Grant[] = [{ principal: "user:me", actions: ["read"] }];
    const reason = (identity: Identity, action: SpaceAction, to: SpaceAccess, grants: readonly Grant[] = []) =>
      decide(identity, action, to, grants);
    expect(reason({ ...me, principal: "local" }, "manage", mine)).toEqual({ allowed: true, reason: "local" });
    expect(reason(me, "write", space)).toEqual({ allowed: true, reason: "role" });
    expect(reason(me, "read", space, grant)).toEqual({ allowed: true, reason: "grant" });
    expect(reason(me, "write", space, grant)).toEqual({ allowed: false, reason: "no_right" });
    expect(reason(me, "manage", mine)).toEqual({ allowed: true, reason: "owner" });
    expect(reason({ ...me, role: "admin" }, "manage", space, grant)).toEqual({ allowed: true, reason: "role" });
    expect(reason({ ...me, organisation: "elsewhere" }, "read", space)).toEqual({ allowed: false, reason: "outsider" });
    expect(reason({ ...me, organisation: "elsewhere" }, "read", { ...space, visibility: "public" })).toEqual({
      allowed: true,
      reason: "public",
    });
    expect(reason({ ...me, space: "another" }, "read", space)).toEqual({ allowed: false, reason: "bound_elsewhere" });
  });

  test("gives nothing to a member by a grant that bears its name in another organisation", () => {
    const outsider: Identity = {
      principal: "user:me",
      credential: "session",
      organisation: "elsewhere",
      role: "admin",
      space: null,
      administrator: true,
      scopes: null,
      key: null,
      instance: null,
    };
    const space: SpaceAccess = { id: "this", organisation: "here", visibility: "private", owner: "user:me" };
    const grants: readonly Grant[] = [{ principal: "user:me", actions: spaceActions }];
    for (const action of spaceActions) expect(decide(outsider, action, space, grants).allowed).toBe(false);
  });
});
