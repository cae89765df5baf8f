/** What is counted of an organisation in the directory, on both databases. */
import type { DirectoryDatabase } from "@cairn/directory/database/directory-database";
import { tenantCounts } from "@cairn/directory/limits/tenant-counts";
import { newId } from "@cairn/kernel/id";
import { homeOrganisation } from "@cairn/memory/permission/identity";
import { describe, expect, test } from "vitest";

export interface CountsSetup extends AsyncDisposable {
  readonly database: DirectoryDatabase;
}

const now = Date.parse("2026-03-14T12:00:00Z");
const by = { created_at: 0, created_by: "test" } as const;

export const describeTenantCounts = (name: string, setUp: () => Promise<CountsSetup>): void => {
  describe(`what an organisation has: ${name}`, () => {
    test("TEN-5 spaces, people with open invitations, and agents that are good, of this organisation alone", async () => {
      await using setup = await setUp();
      const { database } = setup;
      const [own, other] = [newId(), newId()];
      await database.write([], async ({ tables }) => {
        const spaces = [own, own, other].map((organisation, at) => ({
          id: newId(),
          name: `s${at}`,
          name_key: `s${at} ${organisation}`,
          description: null,
          rerank: null,
          created_at: 0,
          updated_at: 0,
          cell: null,
          epoch: 0,
          move_from: null,
          move_to: null,
          move_phase: null,
          move_started_at: null,
          organisation,
          visibility: null,
          owner: null,
        }));
        await tables.insertInto("spaces").values(spaces).execute();
        const members = [own, other].map((organisation) => ({
          ...by,
          id: newId(),
          organisation,
          principal: "user:anna",
          role: "admin",
          updated_at: 0,
        }));
        await tables.insertInto("members").values(members).execute();
        const open = { accepted_at: null, accepted_by: null, revoked_at: null, expires_at: now + 1 };
        const invitations = [
          open,
          { ...open, expires_at: now },
          { ...open, accepted_at: 1 },
          { ...open, revoked_at: 1 },
        ];
        await tables
          .insertInto("invitations")
          .values(
            invitations.map((invitation, at) => ({
              ...by,
              ...invitation,
              id: newId(),
              organisation: own,
              email: `${at}@example.com`,
              role: "viewer",
              token_hash: `${at}`,
            })),
          )
          .execute();
        const good = { instance: "agent", expires_at: null, revoked_at: null };
        const keys = [
          good,
          { ...good, expires_at: now + 1 },
          { ...good, expires_at: now },
          { ...good, revoked_at: 1 },
          { ...good, instance: null },
        ];
        await tables
          .insertInto("keys")
          .values(
            keys.map((key) => ({
              ...by,
              ...key,
              id: newId(),
              organisation: own,
              owner: null,
              role: "viewer",
              space: null,
              label: "k",
              scopes: "",
              addresses: null,
              pepper: "p",
              hash: "h",
              replaces: null,
              last_used_at: null,
              last_used_from: null,
            })),
          )
          .execute();
      });
      const counts = tenantCounts(database, () => now);
      expect(await counts(own)).toEqual({ spaces: 2, members: 2, agents: 2 });
      expect(await counts(other)).toEqual({ spaces: 1, members: 1, agents: 0 });
      expect(await counts(newId())).toEqual({ spaces: 0, members: 0, agents: 0 });
      // What was made before anyone signed in is the home organisation's.
      expect((await counts(homeOrganisation)).spaces).toBe(1);
    });
  });
};
