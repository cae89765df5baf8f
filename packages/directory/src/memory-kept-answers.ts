/** Kept answers in this process: for one server whose restarts nobody minds, and for tests. */
import { answerLimits, type KeptAnswers } from "./kept-answers.ts";

interface Row {
  readonly principal: string;
  readonly body: string;
  readonly owner: string | null;
  readonly until: number;
  readonly space: string | null;
  readonly answer: string | null;
  readonly withheld: boolean;
}

export interface MemoryKeptAnswersOptions {
  readonly clock: () => number;
  readonly perPrincipal?: number;
}

export const makeMemoryKeptAnswers = ({
  clock,
  perPrincipal = answerLimits.perPrincipal,
}: MemoryKeptAnswersOptions): KeptAnswers => {
  const rows = new Map<string, Row>();
  const own = (id: string, owner: string): Row | null => {
    const row = rows.get(id);
    return row?.owner === owner ? row : null;
  };
  const trim = (principal: string): void => {
    // Maps keep the order of insertion: the first entries are those that run out first.
    const kept = [...rows].filter(([, row]) => row.principal === principal && row.owner === null);
    for (const [id] of kept.slice(0, Math.max(0, kept.length - perPrincipal))) rows.delete(id);
  };
  let untilTrimmed = answerLimits.trimEvery;
  return {
    claim: async ({ id, principal, body, owner, leaseMs }) => {
      const known = rows.get(id);
      if (known !== undefined && known.until > clock()) {
        if (known.body !== body) return { state: "conflict" };
        return known.owner === null ? { state: "done", answer: known.answer } : { state: "running" };
      }
      const until = clock() + leaseMs;
      rows.set(id, { principal, body, owner, until, space: null, answer: null, withheld: false });
      return { state: "claimed" };
    },
    renew: async (id, owner, leaseMs) => {
      const row = own(id, owner);
      if (row !== null) rows.set(id, { ...row, until: clock() + leaseMs });
      return row !== null;
    },
    keep: async ({ id, owner, principal, space, answer, keepMs }) => {
      const row = own(id, owner);
      if (row === null) return;
      rows.delete(id);
      const kept = space !== null && row.withheld ? null : answer;
      rows.set(id, { ...row, owner: null, until: clock() + keepMs, space, answer: kept });
      untilTrimmed -= 1;
      if (untilTrimmed > 0) return;
      untilTrimmed = answerLimits.trimEvery;
      trim(principal);
    },
    release: async (id, owner) => {
      if (own(id, owner) !== null) rows.delete(id);
    },
    forgetSpace: async (space) => {
      for (const [id, row] of rows) {
        if (row.owner !== null) rows.set(id, { ...row, withheld: true });
        else if (row.space === space) rows.set(id, { ...row, answer: null });
      }
    },
    prune: async () => {
      const over = [...rows].filter(([, { until }]) => until <= clock());
      for (const [id] of over) rows.delete(id);
      return over.length;
    },
    close: async () => rows.clear(),
  };
};
