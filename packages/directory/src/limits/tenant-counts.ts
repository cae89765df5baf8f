/** How many spaces, members and agents an organisation has: levels that the directory itself knows. */
import type { Clock } from "@cairn/kernel/clock";
import { homeOrganisation } from "@cairn/memory/permission/identity";
import type { DirectoryDatabase } from "../database/directory-database.ts";

export interface TenantCounts {
  readonly spaces: number;
  /** People, and invitations that can still be accepted. */
  readonly members: number;
  /** Keys that are bound to an agent instance and good at this moment. */
  readonly agents: number;
}

export const tenantCounts =
  (database: DirectoryDatabase, clock: Clock) =>
  (organisation: string): Promise<TenantCounts> =>
    database.read(async ({ tables }) => {
      const now = clock();
      const spaces = tables
        .selectFrom("spaces")
        .select(({ fn }) => fn.countAll<number>().as("count"))
        .where((row) => {
          const own = row("organisation", "=", organisation);
          return organisation === homeOrganisation ? row.or([own, row("organisation", "is", null)]) : own;
        });
      const members = tables
        .selectFrom("members")
        .select(({ fn }) => fn.countAll<number>().as("count"))
        .where("organisation", "=", organisation);
      const invitations = tables
        .selectFrom("invitations")
        .select(({ fn }) => fn.countAll<number>().as("count"))
        .where("organisation", "=", organisation)
        .where("accepted_at", "is", null)
        .where("revoked_at", "is", null)
        .where("expires_at", ">", now);
      const agents = tables
        .selectFrom("keys")
        .select(({ fn }) => fn.countAll<number>().as("count"))
        .where("organisation", "=", organisation)
        .where("instance", "is not", null)
        .where("revoked_at", "is", null)
        .where((row) => row.or([row("expires_at", "is", null), row("expires_at", ">", now)]));
      const [inSpaces, people, invited, keys] = await Promise.all(
        [spaces, members, invitations, agents].map((query) => query.executeTakeFirstOrThrow()),
      );
      const count = (found: { readonly count: number } | undefined): number => found?.count ?? 0;
      return { spaces: count(inSpaces), members: count(people) + count(invited), agents: count(keys) };
    });
