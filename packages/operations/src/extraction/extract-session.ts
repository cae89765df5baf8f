/**
 * One step of extraction: the next part of a session is read, a model asked, its answer checked, and what is left of it
 * stored together with how far the session was read. A crash in between, or two servers at once, store nothing twice.
 */
import type { Actor, ExtractionDue, RememberItem } from "@cairn/memory/space/engine";
import type { MemoryFields } from "@cairn/memory/memory/memory";
import type { Services } from "../context.ts";
import { embedForStorage } from "../embedding.ts";
import { type Fact, readFacts } from "./answer.ts";
import type { ChatFailure, ChatModel } from "./chat-model.ts";
import { answerSchema, promptVersion, systemPrompt, userPrompt } from "./prompt.ts";
import { contextTurns, type ExtractionTurn, windowOf } from "./window.ts";

export type ExtractionResult =
  | {
      readonly status: "read";
      readonly stored: number;
      readonly duplicates: number;
      /** Facts of the answer that were not believed. */
      readonly dropped: number;
      /** The session has been read to its end. */
      readonly done: boolean;
    }
  /** Someone else has read it, or it is gone. */
  | { readonly status: "passed_by" }
  | { readonly status: "failed"; readonly failure: ChatFailure };

/** A part whose answers make no sense so many times in a row is passed over. */
export const mostAttempts = 4;
const mostMessages = 200;
const mostAnswerTokens = 3_000;
const day = 86_400_000;
const firstPauseMs = 30_000;
const longestPauseMs = 6 * 3_600_000;

/** Grows with the failures so far; half of it is chance, so that sessions do not come back all at once. */
const pauseMs = (attempts: number, random: number): number =>
  Math.min(longestPauseMs, firstPauseMs * 2 ** Math.min(attempts, 20)) * (0.5 + random / 2);

interface Found {
  readonly sessionId: string;
  readonly model: string;
  readonly now: number;
}

const fieldsOf = (fact: Fact, turns: readonly ExtractionTurn[], { sessionId, model, now }: Found): MemoryFields => {
  const said = turns.filter(({ position, timed }) => timed && fact.turns.includes(position)).map(({ at }) => at);
  const at = said.length === 0 ? null : Math.max(...said);
  return {
    content: fact.content,
    key: null,
    category: fact.category,
    entity: fact.entity,
    tags: [],
    metadata: { extraction: { prompt: promptVersion, model, turns: [...fact.turns] } },
    context: null,
    author: null,
    sessionId,
    sessionSeq: null,
    sourceType: "auto_capture",
    sourceUri: null,
    trust: "agent",
    importance: fact.importance,
    confidence: fact.confidence,
    // When it was said tells facts apart; that of today's conversations would make tomorrow's repetition a new fact.
    occurredAt: at !== null && at < now - day ? at : null,
    validFrom: fact.validFrom,
    validUntil: fact.validUntil,
    expiresAt: null,
    decay: null,
  };
};

export interface ExtractionWork {
  readonly space: string;
  readonly due: ExtractionDue;
  readonly model: ChatModel;
  readonly actor: Actor;
  readonly random: () => number;
  readonly signal?: AbortSignal;
}

/** Throws storage errors; what goes wrong with the model is a result. */
export const extractSession = async (services: Services, work: ExtractionWork): Promise<ExtractionResult> => {
  const { space, due, model, actor, random, signal } = work;
  const { sessionId, from, count, attempts } = due;
  const reader = services.engine.read(space);
  const writer = services.engine.write(space, actor);
  const first = Math.max(0, from - contextTurns);
  const messages = await reader.sessionMessages(sessionId, first, from - first + mostMessages);
  const { to, turns, empty } = windowOf(messages, first, from);
  if (to === from) return { status: "passed_by" };
  const step = { sessionId, from, to, prompt: promptVersion, failed: false, nextAt: 0 };
  const done = to >= count;

  const passOver = async (): Promise<ExtractionResult> => {
    const noted = await writer.noteExtraction({ ...step, items: [] });
    return noted === null ? { status: "passed_by" } : { status: "read", stored: 0, duplicates: 0, dropped: 0, done };
  };
  const fail = async (failure: ChatFailure): Promise<ExtractionResult> => {
    if (failure.kind === "refused" && attempts + 1 >= mostAttempts) return passOver();
    // A wrong setting is nobody's fault here: the session is due again as soon as the job goes on.
    const pause = failure.kind === "setting" ? 0 : Math.max(pauseMs(attempts, random()), failure.retryAfterMs ?? 0);
    if (pause > 0)
      await writer.noteExtraction({ ...step, failed: true, nextAt: services.clock() + Math.round(pause), items: [] });
    return { status: "failed", failure };
  };

  if (empty) return passOver();
  const answered = await model.ask(
    { system: systemPrompt, user: userPrompt(turns), schema: answerSchema, mostAnswerTokens },
    signal,
  );
  if (signal?.aborted === true) return { status: "passed_by" };
  if (!answered.ok) return fail(answered.failure);
  const read = readFacts(answered.text, turns);
  if (read === null) return fail({ kind: "refused", reason: "does not answer in the form that was asked for" });
  const found = { sessionId, model: model.id, now: services.clock() };
  const fields = read.facts.map((fact) => fieldsOf(fact, turns, found));
  const { vectors, vectorModel } = await embedForStorage(services, space, fields);
  const items = fields.map((own, index): RememberItem => ({
    fields: own,
    vectors: vectors[index] ?? [],
    vectorModel,
    skipDedup: false,
  }));
  const outcomes = await writer.noteExtraction({ ...step, items });
  if (outcomes === null) return { status: "passed_by" };
  return {
    status: "read",
    stored: outcomes.filter(({ status }) => status === "stored").length,
    duplicates: outcomes.filter(({ status }) => status === "duplicate").length,
    dropped: Object.values(read.dropped).reduce((sum, one) => sum + one, 0),
    done,
  };
};
