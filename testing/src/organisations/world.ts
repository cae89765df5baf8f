/** A directory with two handles, for the suite of organisations. */
import type { DirectoryDatabase } from "@cairn/directory/database/directory-database";
import type {
  NewInvitation,
  Organisation,
  OrganisationDirectory,
} from "@cairn/directory/organisations/organisation-directory";
import { organisationsOver } from "@cairn/directory/organisations/organisations-over";
import type { SpaceDirectory } from "@cairn/directory/space-directory";
import { newId } from "@cairn/kernel/id";
import type { AuditEntry } from "@cairn/memory/audit/audit-entry";
import { homeOrganisation } from "@cairn/memory/permission/identity";
import { spacesOver } from "@cairn/directory/spaces-over";

export interface OrganisationsSetup extends AsyncDisposable {
  readonly open: () => DirectoryDatabase;
  /** Resolves when a handle knows what others wrote, where it hears of it a moment later. */
  readonly caughtUp?: (database: DirectoryDatabase) => Promise<void>;
}

interface GivenKey {
  readonly id: string;
  readonly organisation: string;
  readonly owner: string | null;
}

export interface World extends AsyncDisposable {
  /** Two servers on one directory. */
  readonly one: OrganisationDirectory;
  readonly other: OrganisationDirectory;
  readonly spaces: Omit<SpaceDirectory, "close">;
  readonly database: DirectoryDatabase;
  /** What one wrote, the other knows. */
  readonly heard: () => Promise<void>;
  readonly setNow: (now: number) => void;
  /** An organisation whose members are `user:anna`, admin, `user:edgar`, editor, and `user:vera`, viewer. */
  readonly acme: () => Promise<Organisation>;
  readonly invitation: (organisation: string, change?: Partial<NewInvitation>) => NewInvitation;
  readonly makeKey: (key: GivenKey) => Promise<void>;
  /** Of a call in an organisation, home when absent. */
  readonly note: (operation: string, organisation?: string) => AuditEntry;
  /** The operations in an organisation's audit, in order. */
  readonly audited: (organisation: string) => Promise<readonly string[]>;
  /** Ids of all keys that are there, with whether they were revoked. */
  readonly keys: () => Promise<readonly (readonly [id: string, revoked: boolean])[]>;
}

export const start = Date.parse("2026-03-14T12:00:00Z");
export const dayMs = 86_400_000;

const unused = {
  role: null,
  space: null,
  label: "a key",
  scopes: "memories:read",
  instance: null,
  addresses: null,
  pepper: "1",
  hash: "hash",
  replaces: null,
  created_at: start,
  created_by: "local",
  expires_at: null,
  revoked_at: null,
  last_used_at: null,
  last_used_from: null,
} as const;

export const makeWorld = async (setUp: () => Promise<OrganisationsSetup>): Promise<World> => {
  const setup = await setUp();
  let now = start;
  const clock = (): number => now;
  const [first, second] = [setup.open(), setup.open()];
  const one = organisationsOver(first, clock);
  return {
    one,
    other: organisationsOver(second, clock),
    spaces: spacesOver(first, clock),
    database: first,
    heard: async () => {
      await Promise.all([first, second].map(async (database) => setup.caughtUp?.(database)));
    },
    setNow: (value) => {
      now = value;
    },
    acme: () =>
      one.create({
        name: "Acme",
        members: [
          { principal: "user:anna", role: "admin" },
          { principal: "user:edgar", role: "editor" },
          { principal: "user:vera", role: "viewer" },
        ],
        createdBy: "local",
      }),
    invitation: (organisation, change = {}) => ({
      organisation,
      email: "nina@example.com",
      role: "editor",
      createdBy: "user:anna",
      expiresAt: now + dayMs,
      ...change,
    }),
    makeKey: async (key) => {
      await first.change(({ tables }) =>
        tables
          .insertInto("keys")
          .values({ ...unused, ...key })
          .execute(),
      );
    },
    note: (operation, organisation = homeOrganisation) => ({
      id: newId(),
      at: now,
      organisation,
      principal: "user:anna",
      credential: "session",
      key: null,
      instance: null,
      operation,
      kind: "administrate",
      outcome: "ok",
      code: null,
      spaces: [],
      subjects: [],
      address: null,
      requestId: "request-1",
    }),
    audited: (organisation) =>
      first.read(async ({ tables }) => {
        const asked = tables.selectFrom("audit_entries").select("operation").where("organisation", "=", organisation);
        return (await asked.orderBy("seq").execute()).map(({ operation }) => operation);
      }),
    keys: () =>
      first.read(async ({ tables }) => {
        const rows = await tables.selectFrom("keys").select(["id", "revoked_at"]).orderBy("id").execute();
        return rows.map(({ id, revoked_at: at }) => [id, at !== null] as const);
      }),
    [Symbol.asyncDispose]: () => setup[Symbol.asyncDispose](),
  };
};
