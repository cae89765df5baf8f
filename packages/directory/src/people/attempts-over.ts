/**
 * Counters against guessing, right on all servers: one statement counts and answers. What is counted is named by a
 * digest, so that the table does not tell who tried to sign in.
 */
import { createHash } from "node:crypto";
import type { Clock } from "@cairn/kernel/clock";
import type { DirectoryDatabase } from "../database/directory-database.ts";
import type { PeopleDirectory } from "./people-directory.ts";

const idOf = (what: string): string => createHash("sha256").update(`attempt ${what}`).digest("hex");

export const attemptsOver = (
  database: DirectoryDatabase,
  clock: Clock,
): Pick<PeopleDirectory, "attempt" | "forgive"> => ({
  attempt: (what, windowMs) =>
    database.change(({ tables }) => {
      const now = clock();
      return tables
        .insertInto("attempts")
        .values({ id: idOf(what), count: 1, until: now + windowMs })
        .onConflict((conflict) =>
          conflict.column("id").doUpdateSet((eb) => ({
            count: eb
              .case()
              .when("attempts.until", "<=", now)
              .then(1)
              .else(eb("attempts.count", "+", 1))
              .end(),
            until: eb
              .case()
              .when("attempts.until", "<=", now)
              .then(now + windowMs)
              .else(eb.ref("attempts.until"))
              .end(),
          })),
        )
        .returning(["count", "until"])
        .executeTakeFirstOrThrow();
    }),
  forgive: async (what) => {
    await database.change(({ tables }) => tables.deleteFrom("attempts").where("id", "=", idOf(what)).execute());
  },
});
