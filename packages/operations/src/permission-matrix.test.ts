/**
 * Every operation there is, called by every kind of caller (API-10, COL-2, TEN-2): the pipeline must say what a table
 * says that was written by hand, without the rules that it checks. What an operation does is replaced by a look into one
 * space; its declared permission is the one thing of it that counts here, and that it may not change unnoticed:
 * `docs/permissions.md` lists it.
 */
import { readFile } from "node:fs/promises";
import { defaultSpaceId, type SpaceRecord } from "@cairn/directory/space-directory";
import { CairnError } from "@cairn/kernel/error";
import type { SpaceGrant } from "@cairn/directory/organisations/organisation-directory";
import { anonymousIdentity, type Credential, type Identity, localIdentity } from "@cairn/memory/permission/identity";
import { permissionNames, type Role, type Scope, scopes } from "@cairn/memory/permission/permission";
import { setUpOperations } from "@cairn/testing/setup-operations";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { allOperations } from "./all.ts";
import type { Operation } from "./operation.ts";
import { noUsage } from "./operation.ts";
import { makePipeline } from "./pipeline.ts";

const [ours, theirs, other] = ["organisation-a", "organisation-b", "other-space"];
const principal = "user:anna";

/** What each permission asks, written a second time. */
const asks: Readonly<
  Record<string, { space?: "r" | "w" | "d" | "m"; role?: Role; server?: true; bound?: true; unscoped?: true }>
> = {
  "self:use": { bound: true, unscoped: true },
  "account:use": {},
  "memories:read": { space: "r", bound: true },
  "memories:write": { space: "w", bound: true },
  "memories:delete": { space: "d", bound: true },
  "spaces:read": { space: "r", bound: true },
  "spaces:create": { role: "editor" },
  "spaces:manage": { space: "m", bound: true },
  "embeddings:use": { role: "viewer", bound: true },
  "keys:manage": { role: "viewer", bound: true },
  "usage:read": { role: "viewer", bound: true },
  "members:read": { role: "viewer" },
  "members:manage": { role: "admin" },
  "organisation:manage": { role: "admin" },
  "audit:read": { role: "admin" },
  "metrics:read": { server: true },
  "server:manage": { server: true },
};
const letters = { r: "read", w: "write", d: "delete", m: "manage" } as const;
const roleHas: Readonly<Record<Role, string>> = { admin: "rwdm", editor: "rwd", viewer: "r" };
const atLeast: Readonly<Record<Role, readonly Role[]>> = {
  admin: ["admin"],
  editor: ["admin", "editor"],
  viewer: ["admin", "editor", "viewer"],
};

interface Case {
  readonly identity: Identity;
  readonly space: Pick<SpaceRecord, "organisation" | "visibility" | "owner">;
  /** Letters of a grant to the caller. */
  readonly grant: string | null;
}

/** The letters of what the caller may do to the space. */
const lettersOf = ({ identity, space, grant }: Case): string => {
  const { role } = identity;
  if (identity.principal === "local") return "rwdm";
  if (identity.space !== null && identity.space !== defaultSpaceId) return "";
  if (identity.organisation !== space.organisation || role === null)
    return space.visibility === "public" && identity.credential !== "none" ? "r" : "";
  const keeps = space.visibility === "private" ? space.owner === principal : role === "admin";
  if (grant !== null) return grant + (keeps ? "m" : "");
  if (space.visibility === "private") return space.owner === principal ? "rwdm" : "";
  return roleHas[role];
};

const expected = (operation: Operation, given: Case): string => {
  const { identity } = given;
  const { permission } = operation;
  const ask = permission === "public" ? { space: "r" as const } : asks[permission];
  if (ask === undefined) throw new Error(`${permission} is not in the table of this test.`);
  if (permission !== "public" && identity.principal !== "local") {
    if (identity.credential === "none") return "auth.required";
    if (ask.unscoped !== true && identity.scopes !== null && !identity.scopes.some((one) => one === permission))
      return "auth.scope_missing";
    if (identity.space !== null && ask.bound !== true) return "auth.forbidden";
    if (ask.server === true && !identity.administrator) return "auth.forbidden";
    const { role } = identity;
    if (ask.role !== undefined && (role === null || !atLeast[ask.role].includes(role))) return "auth.forbidden";
  }
  const may = lettersOf(given);
  if (may.includes(ask.space ?? "r")) return "ok";
  return may.includes("r") ? "space.forbidden" : "space.not_found";
};

const member = (change: Partial<Identity>): Identity => ({
  principal,
  credential: "session",
  organisation: ours,
  role: "viewer",
  scopes: null,
  space: null,
  key: null,
  instance: null,
  administrator: false,
  ...change,
});

const credentials = ["session", "key", "token", "provider"] as const satisfies readonly Credential[];
const withScopes = (wanted: Scope): readonly (readonly Scope[] | null)[] => [
  null,
  [],
  [wanted],
  scopes.filter((one) => one !== wanted),
];

const identitiesFor = (permission: Scope): readonly Identity[] => [
  localIdentity("loopback"),
  localIdentity("shell"),
  anonymousIdentity,
  ...([null, "viewer", "editor", "admin"] as const).flatMap((role) =>
    credentials.flatMap((credential) =>
      withScopes(permission).flatMap((given) =>
        [null, defaultSpaceId, other].flatMap((space) =>
          [ours, theirs].flatMap((organisation) =>
            [false, true].map((administrator) =>
              member({ role, credential, scopes: given, space, organisation, administrator }),
            ),
          ),
        ),
      ),
    ),
  ),
];

const spaces: readonly Pick<SpaceRecord, "organisation" | "visibility" | "owner">[] = [
  { organisation: ours, visibility: "organisation", owner: null },
  { organisation: ours, visibility: "public", owner: null },
  { organisation: ours, visibility: "private", owner: principal },
  { organisation: ours, visibility: "private", owner: "user:bert" },
];
const grants = [null, "", "r", "rw", "rwdm"];

/** The operation's own frame around a look into the space. */
const probeOf = (operation: Operation): Operation => {
  const { expects: _expects, ...rest } = operation;
  return {
    ...rest,
    input: z.unknown(),
    output: z.unknown(),
    usage: noUsage,
    subjects: () => [],
    run: async (context) => context.space(defaultSpaceId),
  };
};

const setUp = async () => {
  const { services } = setUpOperations();
  const record = (await services.directory.resolve("default"))!;
  let now: Case | null = null;
  const granted = (): readonly SpaceGrant[] =>
    now?.grant === null || now === null
      ? []
      : [
          {
            space: defaultSpaceId,
            principal,
            actions: Array.from(now.grant, (letter) => letters[letter as "r"]),
            createdAt: 0,
            createdBy: "local",
          },
        ];
  const organisations = { ...services.tenants.organisations, grantsOf: async () => granted() };
  const directory = {
    ...services.directory,
    resolve: async (name: string) => (name === defaultSpaceId ? { ...record, ...now?.space } : null),
  };
  const pipeline = makePipeline({ ...services, directory, tenants: { ...services.tenants, organisations } });
  return async (probe: Operation, given: Case): Promise<string> => {
    now = given;
    const caller = {
      identity: given.identity,
      instance: "here",
      requestId: "1",
      edge: "rest",
      defaultSpace: "default",
      address: null,
    } as const;
    try {
      await pipeline.call(probe, caller, {});
      return "ok";
    } catch (error) {
      return error instanceof CairnError ? error.code : String(error);
    }
  };
};

const listed = async (): Promise<ReadonlyMap<string, string>> => {
  const page = await readFile(new URL("../../../docs/permissions.md", import.meta.url), "utf8");
  return new Map(
    Array.from(page.matchAll(/^\| `([a-z_.-]+)` *\| `([a-z:-]+)` *\|/gmu), ([, name, permission]) => [
      name!,
      permission!,
    ]),
  );
};

describe("the permission matrix", () => {
  test("API-10 docs/permissions.md lists every operation with its permission, and no other", async () => {
    const found = await listed();
    expect(Object.fromEntries(found)).toEqual(
      Object.fromEntries(allOperations.map(({ name, permission }) => [name, permission])),
    );
  });

  test("the table of this test knows every permission", () => {
    expect(["public", ...Object.keys(asks)].toSorted()).toEqual(permissionNames.toSorted());
  });

  test.each(allOperations.map((operation) => [operation.name, operation] as const))(
    "COL-2 TEN-2 TEN-3 %s does for each role, grant, scope and credential what the table says",
    async (_name, operation) => {
      const call = await setUp();
      const probe = probeOf(operation);
      const { permission: declared } = operation;
      const permission = scopes.find((one) => one === declared) ?? "memories:read";
      const wrong: string[] = [];
      let asked = 0;
      for (const identity of identitiesFor(permission)) {
        for (const space of spaces) {
          for (const grant of grants) {
            const given = { identity, space, grant };
            const [found, wanted] = [await call(probe, given), expected(operation, given)];
            asked += 1;
            if (found !== wanted) wrong.push(`${JSON.stringify(given)}: ${found} instead of ${wanted}`);
          }
        }
      }
      expect(wrong.slice(0, 3)).toEqual([]);
      expect(asked).toBe((3 + 4 * 4 * 4 * 3 * 2 * 2) * spaces.length * grants.length);
    },
  );
});
