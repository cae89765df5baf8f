/**
 * The port of answers kept for `Idempotency-Key` (`@cairn/operations/idempotency`): who works on a request now, and what
 * was answered before. One row a key, claimed by whoever runs the request, in the directory's database, so that every
 * server and a restarted one find it; or in one process (`memory-kept-answers.ts`).
 *
 * Keys, principals and bodies come as digests. An answer may hold what somebody stored, so it is remembered with the
 * space that it came from and erased with what that space erases (`forgetSpace`); that the key was used stays known.
 *
 * Every adapter passes `testing/src/kept-answers-conformance.ts`.
 */
export interface AnswerClaim {
  readonly id: string;
  /** Whose keys are counted together. */
  readonly principal: string;
  readonly body: string;
  /** Names this one attempt. */
  readonly owner: string;
  /** How long the claim stands without being renewed, milliseconds: until then nobody else works on the request. */
  readonly leaseMs: number;
}

export type ClaimOutcome =
  /** It is the caller's to run. */
  | { readonly state: "claimed" }
  /** The key came with another body. */
  | { readonly state: "conflict" }
  /** Another runs it. */
  | { readonly state: "running" }
  /** `answer` null: it was done, and its answer was not kept or has been erased. */
  | { readonly state: "done"; readonly answer: string | null };

export interface AnswerToKeep {
  readonly id: string;
  readonly principal: string;
  readonly owner: string;
  /** The space whose content the answer may hold; null: it holds none that a purge erases. */
  readonly space: string | null;
  /** Null: it is not kept, only that it was done. */
  readonly answer: string | null;
  readonly keepMs: number;
}

/** All may throw storage.*. */
export interface KeptAnswers {
  readonly claim: (claim: AnswerClaim) => Promise<ClaimOutcome>;
  /** False when the claim is not the owner's any more. */
  readonly renew: (id: string, owner: string, leaseMs: number) => Promise<boolean>;
  /** Ends the claim with its answer; does nothing when the claim is not the owner's any more. */
  readonly keep: (answer: AnswerToKeep) => Promise<void>;
  /** Ends the claim as if it had never been: the request may be tried again. */
  readonly release: (id: string, owner: string) => Promise<void>;
  /** Erases the answers that may hold content of the space, and keeps those that are being made from being stored. */
  readonly forgetSpace: (space: string) => Promise<void>;
  /** Deletes what has run out; how many there were. */
  readonly prune: () => Promise<number>;
  readonly close: () => Promise<void>;
}

export const answerLimits = {
  /** Keys of one principal; those that run out first go. Up to a hundred or so more may be there for a while. */
  perPrincipal: 10_000,
  /** So many answers are kept between two looks at that limit. */
  trimEvery: 64,
  /** Rows that are deleted at once. */
  portion: 1_000,
} as const;
