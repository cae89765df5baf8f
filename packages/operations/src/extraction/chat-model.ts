/**
 * The port of models that answer a conversation, as far as extraction needs one: a question in, a text of JSON out.
 * What a model answers is as trustworthy as the text that it read: everything is checked behind it (`answer.ts`).
 */
export interface ChatQuestion {
  readonly system: string;
  readonly user: string;
  /** JSON Schema of the answer, for services that keep to one. */
  readonly schema: Readonly<Record<string, unknown>>;
  readonly mostAnswerTokens: number;
}

export type ChatFailureKind =
  /** May be gone next time. */
  | "passing"
  /** A setting is wrong: asking again changes nothing until someone corrects it. */
  | "setting"
  /** The service takes no such text. */
  | "refused";

/** Reads on from "The extraction service at HOST …"; never holds content. */
export interface ChatFailure {
  readonly kind: ChatFailureKind;
  readonly reason: string;
  readonly hint?: string;
  readonly retryAfterMs?: number;
}

export type ChatAnswer =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly failure: ChatFailure };

export interface ChatModel {
  /** The model's name at its service; recorded with what it found. */
  readonly id: string;
  /** Never rejects. */
  readonly ask: (question: ChatQuestion, signal?: AbortSignal) => Promise<ChatAnswer>;
}
