/** Kept answers over any database that Kysely speaks: what every adapter does alike. */
import type { Kysely } from "kysely";
import type * as AnswerQueries from "./kept-answer-queries.ts";
import { answerLimits, type KeptAnswers } from "./kept-answers.ts";
import type { DirectoryTables } from "./tables.ts";

export interface AnswersAccess {
  readonly tables: Kysely<DirectoryTables>;
  readonly queries: typeof AnswerQueries;
}

export interface AnswersOverOptions {
  readonly run: <Result>(work: (access: AnswersAccess) => Promise<Result>) => Promise<Result>;
  /** The present as the database says it in SQL (`SqlWords.now`). */
  readonly now: string;
  /** For tests, instead of the database's clock. */
  readonly clock?: (() => number) | undefined;
  readonly perPrincipal?: number | undefined;
}

/** A row that was in the way and is gone is met so often at most before the request counts as under way. */
const attempts = 5;

export const answersOver = ({
  run,
  now,
  clock,
  perPrincipal = answerLimits.perPrincipal,
}: AnswersOverOptions): Omit<KeptAnswers, "forgetSpace" | "close"> => {
  const untilTrimmed = new Map<string, number>();
  const mayTrim = (principal: string): boolean => {
    const left = (untilTrimmed.get(principal) ?? answerLimits.trimEvery) - 1;
    untilTrimmed.delete(principal);
    untilTrimmed.set(principal, left > 0 ? left : answerLimits.trimEvery);
    // Principals come and go; one that is forgotten here is only looked at a little later.
    const [oldest] = untilTrimmed.keys();
    if (untilTrimmed.size > answerLimits.portion && oldest !== undefined) untilTrimmed.delete(oldest);
    return left <= 0;
  };
  return {
    claim: (claim) =>
      run(async ({ tables, queries }) => {
        for (let attempt = 0; attempt < attempts; attempt++) {
          const outcome = await queries.claimAnswer(tables, queries.laterBy(now, clock), claim);
          if (outcome !== null) return outcome;
        }
        return { state: "running" };
      }),
    renew: (id, owner, leaseMs) =>
      run(({ tables, queries }) => queries.renewClaim(tables, queries.laterBy(now, clock), id, owner, leaseMs)),
    keep: async (answer) => {
      await run(({ tables, queries }) => queries.keepAnswer(tables, queries.laterBy(now, clock), answer));
      if (!mayTrim(answer.principal)) return;
      await run(({ tables, queries }) => queries.trimAnswers(tables, answer.principal, perPrincipal));
    },
    release: (id, owner) => run(({ tables, queries }) => queries.releaseClaim(tables, id, owner)),
    prune: async () => {
      for (let pruned = 0; ;) {
        const gone = await run(({ tables, queries }) => queries.pruneAnswers(tables, queries.laterBy(now, clock)));
        pruned += gone;
        if (gone < answerLimits.portion) return pruned;
      }
    },
  };
};
