/**
 * `Idempotency-Key` for writes: a client that got no answer sends the same request with the same key again and gets
 * the first one's answer instead of a second write, whichever server it reaches, also after a restart. Only answers are
 * kept (`@cairn/directory/kept-answers`): a request that failed may be tried again. Requests that come while the first
 * is under way wait for it.
 *
 * Whoever runs a request holds a claim on its key and renews it. A server that is killed in the middle, or stands still
 * for longer than that, leaves a claim that runs out after `leaseMs`; the request may then run again. Where the server
 * died between the commit of the write and the keeping of its answer, one statement later, the second run writes twice:
 * memories and answers do not lie in one transaction, because they need not lie in one database. The same holds where
 * the database was lost at a commit, so that the write counts as failed although it may have been done.
 */
import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { KeptAnswers } from "@cairn/directory/kept-answers";
import { CairnError } from "@cairn/kernel/error";
import { newId } from "@cairn/kernel/id";

export interface IdempotentRequest {
  /** Who calls: keys of different principals never meet. */
  readonly principal: string;
  readonly operation: string;
  /** The client's key. */
  readonly key: string;
  /** What is asked, as JSON would say it: the same key with another body is an error. */
  readonly body: unknown;
  /** Its answer holds nothing that was stored, so that no purge need erase it. */
  readonly plain?: boolean;
  /** Its answer is told once and kept nowhere, such as a new key's. */
  readonly confidential?: boolean;
}

/** To be told of each space that the answer may hold content of. */
export type UsesSpace = (space: string) => void;

export interface IdempotencyStore {
  /**
   * The kept answer to this request, or else what `work` gives, which is JSON. Throws request.idempotency_conflict for a
   * key that came with another body; request.already_done for one whose answer is not there any more; storage.busy for
   * one that another server works on for longer than is waited; whatever `work` throws.
   */
  readonly once: <Answer>(
    request: IdempotentRequest,
    work: (uses: UsesSpace) => Promise<Answer>,
  ) => Promise<{ readonly answer: Answer; readonly replayed: boolean }>;
}

export interface IdempotencyOptions {
  readonly answers: KeptAnswers;
  /** How long an answer is kept, milliseconds; 24 hours. */
  readonly keepMs?: number;
  /** How long a claim stands that nobody renews, milliseconds. */
  readonly leaseMs?: number;
  /** How long a request waits for another server that works on it, milliseconds. */
  readonly waitMs?: number;
  /** Characters of JSON that an answer may have to be kept. */
  readonly longest?: number;
}

/** JSON with sorted names, so that equal requests have equal texts. */
const canonical = (value: unknown): string =>
  JSON.stringify(value, (_name, inner: unknown) => {
    if (typeof inner !== "object" || inner === null || Array.isArray(inner)) return inner;
    // Pairs, not an object: assigning a property named __proto__ would lose it.
    return { pairs: Object.entries(inner).toSorted(([one], [other]) => (one < other ? -1 : 1)) };
  }) ?? "";

const digest = (...parts: readonly string[]): string =>
  createHash("sha256").update(JSON.stringify(parts)).digest("base64");

const conflict = (): CairnError =>
  new CairnError("request.idempotency_conflict", "This Idempotency-Key came with another request before.", {
    hint: "Use a new key for a new request.",
  });

const alreadyDone = (): CairnError =>
  new CairnError("request.already_done", "This request was done before; its answer is not kept any more.", {
    hint: "Read what it changed; use a new key for a new request.",
  });

const underWay = (): CairnError =>
  new CairnError("storage.busy", "A request with this Idempotency-Key is under way on another server.", {
    retryAfterMs: 2_000,
    hint: "Send the same request with the same key again in a moment.",
  });

interface Done {
  readonly answer: unknown;
  readonly replayed: boolean;
}

export const makeIdempotencyStore = ({
  answers,
  keepMs = 86_400_000,
  leaseMs = 60_000,
  waitMs = 10_000,
  longest = 65_536,
}: IdempotencyOptions): IdempotencyStore => {
  /** What this process works on or asks for: those who send the same here share it. */
  const here = new Map<string, { readonly body: string; readonly done: Promise<Done> }>();

  const textOf = (answer: unknown, spaces: ReadonlySet<string>): string | null => {
    // Erasing goes by one space; there is no write to several.
    if (spaces.size > 1) return null;
    const text = JSON.stringify(answer) ?? "null";
    return text.length > longest ? null : text;
  };

  const run = async (
    { plain = false, confidential = false }: IdempotentRequest,
    claim: { readonly id: string; readonly principal: string; readonly owner: string },
    work: (uses: UsesSpace) => Promise<unknown>,
  ): Promise<Done> => {
    const { id, owner } = claim;
    const renewal = setInterval(() => void answers.renew(id, owner, leaseMs).catch(() => undefined), leaseMs / 3);
    renewal.unref();
    const spaces = new Set<string>();
    try {
      const answer = await work((space) => spaces.add(space));
      const [space = null] = plain ? [] : spaces;
      // What was done is told, also when that cannot be kept; the claim then stands until its lease is over.
      await answers
        .keep({ ...claim, space, answer: confidential ? null : textOf(answer, spaces), keepMs })
        .catch(() => undefined);
      return { answer, replayed: false };
    } catch (error) {
      await answers.release(id, owner).catch(() => undefined);
      throw error;
    } finally {
      clearInterval(renewal);
    }
  };

  const begin = async (
    request: IdempotentRequest,
    id: string,
    body: string,
    work: (uses: UsesSpace) => Promise<unknown>,
  ): Promise<Done> => {
    const claim = { id, principal: digest(request.principal), owner: newId() };
    const until = performance.now() + waitMs;
    for (let pause = 20; ; pause = Math.min(500, 2 * pause)) {
      const found = await answers.claim({ ...claim, body, leaseMs });
      if (found.state === "claimed") return run(request, claim, work);
      if (found.state === "conflict") throw conflict();
      if (found.state === "done") {
        if (found.answer === null) throw alreadyDone();
        return { answer: JSON.parse(found.answer) as unknown, replayed: true };
      }
      if (performance.now() + pause > until) throw underWay();
      await sleep(pause * (0.5 + Math.random()));
    }
  };

  return {
    once: async <Answer>(request: IdempotentRequest, work: (uses: UsesSpace) => Promise<Answer>) => {
      const { principal, operation, key } = request;
      const id = digest(principal, operation, key);
      // With the key, which is kept nowhere, so that nobody can try out what a short body was.
      const body = digest(key, canonical(request.body));
      const known = here.get(id);
      if (known !== undefined) {
        if (known.body !== body) throw conflict();
        const { answer } = await known.done;
        return { answer: answer as Answer, replayed: true };
      }
      const done = begin(request, id, body, work);
      here.set(id, { body, done });
      try {
        const { answer, replayed } = await done;
        return { answer: answer as Answer, replayed };
      } finally {
        here.delete(id);
      }
    },
  };
};
