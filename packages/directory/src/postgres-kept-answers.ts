/** Kept answers in PostgreSQL, over the directory's connections, which outlive them. */
import type { Clock } from "@cairn/kernel/clock";
import type { DirectoryDatabase } from "./database/directory-database.ts";
import { type AnswersAccess, answersOver } from "./kept-answers-over.ts";
import type { KeptAnswers } from "./kept-answers.ts";
import { postgresWords } from "./schema-steps.ts";

export interface PostgresKeptAnswersOptions {
  /** For tests: a clock instead of the database's. */
  readonly clock?: Clock;
  readonly perPrincipal?: number;
}

export const postgresKeptAnswers = (
  database: DirectoryDatabase,
  { clock, perPrincipal }: PostgresKeptAnswersOptions = {},
): KeptAnswers => {
  // Each is one statement, and none may run twice: they change things.
  const run = <Result>(work: (access: AnswersAccess) => Promise<Result>): Promise<Result> =>
    database.change(async ({ tables }) => work({ tables, queries: await import("./kept-answer-queries.ts") }));
  return {
    ...answersOver({ run, now: postgresWords.now, clock, perPrincipal }),
    forgetSpace: async (space) => {
      await run(({ tables, queries }) => queries.forgetAnswersOf(tables, space));
    },
    close: async () => undefined,
  };
};
