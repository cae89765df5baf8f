/**
 * `Idempotency-Key` for writes: a client that got no answer sends the same request with the same key again and gets
 * the first one's answer instead of a second write. Only answers are kept: a request that failed may be tried again.
 * Requests that come while the first is under way wait for it.
 */
import { createHash } from "node:crypto";
import type { Clock } from "@cairn/kernel/clock";
import { CairnError } from "@cairn/kernel/error";

export interface IdempotentRequest {
  /** Who calls: keys of different principals never meet. */
  readonly principal: string;
  readonly operation: string;
  /** The client's key. */
  readonly key: string;
  /** What is asked, as JSON would say it: the same key with another body is an error. */
  readonly body: unknown;
}

export interface IdempotencyStore {
  /**
   * The remembered answer to this request, or else what `work` gives. Throws request.idempotency_conflict for a key
   * that came with another body, and whatever `work` throws.
   */
  readonly once: <Answer>(
    request: IdempotentRequest,
    work: () => Promise<Answer>,
  ) => Promise<{ readonly answer: Answer; readonly replayed: boolean }>;
}

/** JSON with sorted names, so that equal requests have equal texts. */
const canonical = (value: unknown): string =>
  JSON.stringify(value, (_name, inner: unknown) => {
    if (typeof inner !== "object" || inner === null || Array.isArray(inner)) return inner;
    // Pairs, not an object: assigning a property named __proto__ would lose it.
    return { pairs: Object.entries(inner).toSorted(([one], [other]) => (one < other ? -1 : 1)) };
  }) ?? "";

const digest = (text: string): string => createHash("sha256").update(text).digest("base64");

interface Kept {
  readonly body: string;
  readonly until: number;
  readonly answer: Promise<unknown>;
}

export interface IdempotencyOptions {
  readonly clock: Clock;
  /** How long an answer is kept, milliseconds; 24 hours. */
  readonly keepMs?: number;
  /** How many answers are kept; the oldest go first. */
  readonly most?: number;
}

/** Keeps answers in this process. */
export const makeIdempotencyStore = ({
  clock,
  keepMs = 86_400_000,
  most = 10_000,
}: IdempotencyOptions): IdempotencyStore => {
  // Maps keep the order of insertion, so that the first entry is the one used longest ago.
  const kept = new Map<string, Kept>();
  return {
    once: async <Answer>({ principal, operation, key, body }: IdempotentRequest, work: () => Promise<Answer>) => {
      const name = digest(JSON.stringify([principal, operation, key]));
      const bodyDigest = digest(canonical(body));
      const known = kept.get(name);
      if (known !== undefined && known.until > clock()) {
        if (known.body !== bodyDigest) {
          throw new CairnError(
            "request.idempotency_conflict",
            "This Idempotency-Key came with another request before.",
            {
              hint: "Use a new key for a new request.",
            },
          );
        }
        kept.delete(name);
        kept.set(name, known);
        return { answer: (await known.answer) as Answer, replayed: true };
      }
      const answer = work();
      const entry: Kept = { body: bodyDigest, until: clock() + keepMs, answer };
      kept.delete(name);
      kept.set(name, entry);
      const oldest = kept.keys().next().value;
      if (kept.size > most && oldest !== undefined) kept.delete(oldest);
      try {
        return { answer: await answer, replayed: false };
      } catch (error) {
        if (kept.get(name) === entry) kept.delete(name);
        throw error;
      }
    },
  };
};
