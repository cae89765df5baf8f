/** Where people are signed in. What is remembered of a session names it by a digest of its token. */
import { createHash } from "node:crypto";
import type { Clock } from "@cairn/kernel/clock";
import type { DirectoryDatabase } from "../database/directory-database.ts";
import type { PeopleDirectory, PersonSession } from "./people-directory.ts";

const columns = ["id", "person", "address", "user_agent", "created_at", "expires_at"] as const;
const mostListed = 100;
const mostToken = 200;

const sessionOf = (row: {
  readonly id: string;
  readonly person: string;
  readonly address: string | null;
  readonly user_agent: string | null;
  readonly created_at: number;
  readonly expires_at: number;
}): PersonSession => ({
  id: row.id,
  principal: `user:${row.person}`,
  address: row.address === "" ? null : row.address,
  userAgent: row.user_agent === "" ? null : row.user_agent,
  createdAt: row.created_at,
  expiresAt: row.expires_at,
});

const personOf = (principal: string): string => principal.replace(/^user:/u, "");

export const sessionsOver = (
  database: DirectoryDatabase,
  clock: Clock,
): Pick<PeopleDirectory, "session" | "sessions" | "endSessions"> => ({
  session: async (token) => {
    if (token.length > mostToken) return null;
    const digest = createHash("sha256").update(token).digest("hex");
    const found = await database.remember(`session ${digest}`, async ({ tables }) => {
      const row = await tables
        .selectFrom("sessions")
        .innerJoin("people", "people.id", "sessions.person")
        .select(columns.map((column) => `sessions.${column}` as const))
        .where("sessions.token", "=", token)
        .where("people.disabled_at", "is", null)
        .executeTakeFirst();
      if (row === undefined) return null;
      return { value: sessionOf(row), topics: [`sessions ${row.id}`, `people ${row.person}`] };
    });
    return found !== null && found.expiresAt > clock() ? found : null;
  },
  sessions: async (principal) => {
    const rows = await database.read(({ tables }) =>
      tables
        .selectFrom("sessions")
        .select(columns)
        .where("person", "=", personOf(principal))
        .where("expires_at", ">", clock())
        .orderBy("created_at", "desc")
        .orderBy("id", "desc")
        .limit(mostListed)
        .execute(),
    );
    return rows.map(sessionOf);
  },
  endSessions: async (principal, which) => {
    const person = personOf(principal);
    // All that is remembered of this person's sessions goes, here at once and on other servers by the trigger.
    return database.write([`people ${person}`], async ({ tables }) => {
      const all = tables.deleteFrom("sessions").where("person", "=", person);
      const some =
        "only" in which
          ? all.where("id", "=", which.only)
          : which.except === null
            ? all
            : all.where("id", "<>", which.except);
      const { numDeletedRows } = await some.executeTakeFirst();
      return Number(numDeletedRows);
    });
  },
});
