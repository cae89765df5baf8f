/** The queries about kept answers, in SQL that SQLite and PostgreSQL read alike. */
import { type Kysely, type RawBuilder, sql } from "kysely";
import { type AnswerClaim, answerLimits, type AnswerToKeep, type ClaimOutcome } from "./kept-answers.ts";
import type { DirectoryTables } from "./tables.ts";

type Tables = Kysely<DirectoryTables>;
/** The moment so many milliseconds from now: by the database's clock, which all servers share, or by a test's. */
export type Later = (milliseconds: number) => RawBuilder<number>;

export const laterBy = (now: string, clock: (() => number) | undefined): Later =>
  clock === undefined
    ? (milliseconds) => sql<number>`(${sql.raw(now)} + ${sql.lit(Math.round(milliseconds))})`
    : (milliseconds) => sql<number>`${clock() + milliseconds}`;

/** What has run out counts as if it were not there. Null: what stood in the way is gone already. */
export const claimAnswer = async (
  tables: Tables,
  later: Later,
  { id, principal, body, owner, leaseMs }: AnswerClaim,
): Promise<ClaimOutcome | null> => {
  const fresh = { principal, body, owner, until: later(leaseMs), space: null, answer: null, withheld: 0 };
  const claimed = await tables
    .insertInto("kept_answers")
    .values({ id, ...fresh })
    .onConflict((conflict) => conflict.column("id").doUpdateSet(fresh).where("kept_answers.until", "<=", later(0)))
    .returning("id")
    .executeTakeFirst();
  if (claimed !== undefined) return { state: "claimed" };
  const row = await tables
    .selectFrom("kept_answers")
    .select(["body", "owner", "answer"])
    .where("id", "=", id)
    .where("until", ">", later(0))
    .executeTakeFirst();
  if (row === undefined) return null;
  if (row.body !== body) return { state: "conflict" };
  return row.owner === null ? { state: "done", answer: row.answer } : { state: "running" };
};

export const renewClaim = async (
  tables: Tables,
  later: Later,
  id: string,
  owner: string,
  leaseMs: number,
): Promise<boolean> => {
  const { numUpdatedRows } = await tables
    .updateTable("kept_answers")
    .set({ until: later(leaseMs) })
    .where("id", "=", id)
    .where("owner", "=", owner)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
};

export const keepAnswer = async (
  tables: Tables,
  later: Later,
  { id, owner, space, answer, keepMs }: AnswerToKeep,
): Promise<void> => {
  // What a purge marked while the request ran may be what the purge erased; what holds no content is not meant.
  const kept = space === null ? answer : sql<string | null>`case when withheld = 0 then cast(${answer} as text) end`;
  await tables
    .updateTable("kept_answers")
    .set({ owner: null, until: later(keepMs), space, answer: kept })
    .where("id", "=", id)
    .where("owner", "=", owner)
    .execute();
};

/** Those of one principal beyond the limit, the first to run out; never one that somebody works on. */
export const trimAnswers = async (tables: Tables, principal: string, most: number): Promise<void> => {
  const beyond = tables
    .selectFrom("kept_answers")
    .select("id")
    .where("principal", "=", principal)
    .where("owner", "is", null)
    .orderBy("until", "desc")
    .orderBy("id")
    .limit(answerLimits.portion)
    .offset(most);
  await tables.deleteFrom("kept_answers").where("id", "in", beyond).where("owner", "is", null).execute();
};

export const releaseClaim = async (tables: Tables, id: string, owner: string): Promise<void> => {
  await tables.deleteFrom("kept_answers").where("id", "=", id).where("owner", "=", owner).execute();
};

/** In this order: an answer that is stored in between is seen by the second statement, a later one by its mark. */
export const forgetAnswersOf = async (tables: Tables, space: string): Promise<number> => {
  await tables.updateTable("kept_answers").set({ withheld: 1 }).where("owner", "is not", null).execute();
  const { numUpdatedRows } = await tables
    .updateTable("kept_answers")
    .set({ answer: null })
    .where("space", "=", space)
    .where("answer", "is not", null)
    .executeTakeFirst();
  return Number(numUpdatedRows);
};

export const pruneAnswers = async (tables: Tables, later: Later): Promise<number> => {
  const over = tables
    .selectFrom("kept_answers")
    .select("id")
    .where("until", "<=", later(0))
    .orderBy("until")
    .limit(answerLimits.portion);
  const { numDeletedRows } = await tables
    .deleteFrom("kept_answers")
    .where("id", "in", over)
    .where("until", "<=", later(0))
    .executeTakeFirst();
  return Number(numDeletedRows);
};
