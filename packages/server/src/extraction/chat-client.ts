/**
 * A model behind any service that speaks OpenAI's chat completions. It is held to a JSON Schema where the service can
 * do that, else asked for JSON, else for text: what a service refuses is noticed once and not asked for again. Retries,
 * pauses and the circuit breaker are those of the embeddings client.
 */
import { makeCircuitBreaker } from "@cairn/embed/remote/circuit-breaker";
import type { Failure } from "@cairn/embed/remote/failure";
import { postEmbeddings as postJson } from "@cairn/embed/remote/request";
import { backoffMs } from "@cairn/embed/remote/retry";
import { realTiming, type Timing } from "@cairn/embed/remote/timing";
import { CairnError } from "@cairn/kernel/error";
import type { ChatAnswer, ChatFailure, ChatModel, ChatQuestion } from "@cairn/operations/extraction/chat-model";
import type { ExtractionSettings } from "../settings.ts";

const attempts = 3;
const timeoutMs = 120_000;
const answerBytes = 4 * 1_048_576;

/** How an answer is asked for, the strictest first. Some models take neither a temperature nor a limit: `bare`. */
const forms = ["schema", "object", "text", "bare"] as const;
type Form = (typeof forms)[number];

/** `…/v1` becomes `…/v1/chat/completions`; a whole address stays. Throws config.invalid. */
export const chatEndpoint = (given: string): string => {
  const invalid = (message: string): CairnError =>
    new CairnError("config.invalid", `extraction_url ${message}.`, {
      hint: "Set extraction_url (or CAIRN_EXTRACTION_URL) to an address such as https://api.openai.com/v1.",
    });
  const url = URL.parse(given);
  if (url === null || (url.protocol !== "https:" && url.protocol !== "http:"))
    throw invalid("must begin with https:// or http://");
  if (url.username !== "" || url.password !== "") throw invalid("must not hold a key; that is extraction_api_key");
  url.hash = "";
  const base = url.pathname.replace(/\/+$/u, "").replace(/\/chat\/completions$/u, "");
  url.pathname = `${base === "" ? "/v1" : base}/chat/completions`;
  return url.href;
};

const formatOf = (form: Form, { schema, mostAnswerTokens }: ChatQuestion): object => {
  if (form === "bare") return {};
  const plain = { temperature: 0, max_tokens: mostAnswerTokens };
  if (form === "text") return plain;
  if (form === "object") return { ...plain, response_format: { type: "json_object" } };
  const format = { type: "json_schema", json_schema: { name: "facts", strict: true, schema } };
  return { ...plain, response_format: format };
};

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The text of the first choice; null where there is none. */
const contentOf = (answer: unknown): string | null => {
  const choices = isObject(answer) ? answer["choices"] : undefined;
  const choice: unknown = Array.isArray(choices) ? choices[0] : undefined;
  const message = isObject(choice) ? choice["message"] : undefined;
  const content = isObject(message) ? message["content"] : undefined;
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) return null;
  const parts = content.flatMap((part: unknown) =>
    isObject(part) && typeof part["text"] === "string" ? [part["text"]] : [],
  );
  return parts.length === 0 ? null : parts.join("");
};

const settingHint = "Check extraction_url, extraction_model and extraction_api_key.";

const failureOf = ({ kind, reason, retryAfterMs }: Failure): ChatFailure => {
  if (kind === "setting") return { kind: "setting", reason, hint: settingHint };
  if (kind === "refused" || kind === "size" || kind === "answer") return { kind: "refused", reason };
  return { kind: "passing", reason, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
};

export interface ChatClientOptions extends ExtractionSettings {
  readonly timing?: Timing;
}

/** Throws config.invalid for an address that is none. */
export const makeChatModel = ({ url, model, apiKey, timing = realTiming }: ChatClientOptions): ChatModel => {
  const endpoint = chatEndpoint(url);
  const breaker = makeCircuitBreaker(timing.now);
  let form: Form = "schema";

  const post = (question: ChatQuestion, asked: Form, signal: AbortSignal | undefined) =>
    postJson({
      url: endpoint,
      apiKey,
      body: {
        model,
        messages: [
          { role: "system", content: question.system },
          { role: "user", content: question.user },
        ],
        ...formatOf(asked, question),
      },
      timeoutMs,
      answerBytes,
      signal,
      timing,
    });

  /** Asks in the strictest form that the service takes; remembers which that is once it has answered. */
  const inSomeForm = async (question: ChatQuestion, signal: AbortSignal | undefined) => {
    for (const asked of forms.slice(forms.indexOf(form))) {
      const outcome = await post(question, asked, signal);
      if (outcome.ok) form = asked;
      const mayBeTheForm = !outcome.ok && outcome.failure.kind === "refused";
      if (!mayBeTheForm || asked === "bare") return outcome;
    }
    throw new Error("A question was asked in no form.");
  };

  const ask = async (question: ChatQuestion, signal?: AbortSignal): Promise<ChatAnswer> => {
    for (let attempt = 1; ; attempt += 1) {
      const wait = breaker.enter();
      if (wait > 0)
        return { ok: false, failure: { kind: "passing", reason: "did not answer before", retryAfterMs: wait } };
      const outcome = await inSomeForm(question, signal);
      if (outcome.ok) {
        breaker.succeeded();
        const text = contentOf(outcome.value);
        return text === null
          ? { ok: false, failure: { kind: "refused", reason: "answers without a text" } }
          : { ok: true, text };
      }
      const failure = failureOf(outcome.failure);
      if (outcome.failure.kind === "calledOff" || failure.kind !== "passing") {
        // Who says no is there.
        if (outcome.failure.kind === "calledOff") breaker.left();
        else breaker.succeeded();
        return { ok: false, failure };
      }
      if (failure.retryAfterMs === undefined) breaker.failed();
      else breaker.failedFor(failure.retryAfterMs);
      // A service that names a time is asked again then, and not by this call.
      if (failure.retryAfterMs !== undefined || attempt === attempts || signal?.aborted === true)
        return { ok: false, failure };
      await timing.sleep(backoffMs(attempt, timing.random()), signal);
    }
  };
  return { id: model, ask };
};
