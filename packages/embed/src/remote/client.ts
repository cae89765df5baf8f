/**
 * Asks a service until it answers or asking is no use: retries, the circuit breaker, the meter, and one warning when
 * it goes wrong. What a request's texts are is not its affair.
 */
import { CairnError } from "@cairn/kernel/error";
import type { TextKind } from "../queue/text-model.ts";
import { readAnswer } from "./answer.ts";
import { type BreakerState, makeCircuitBreaker } from "./circuit-breaker.ts";
import type { Endpoint } from "./endpoint.ts";
import { type Failure, failed, type Outcome } from "./failure.ts";
import { makePace, type Pace } from "./pace.ts";
import { estimateTokens } from "./pieces.ts";
import { postEmbeddings } from "./request.ts";
import { backoffMs } from "./retry.ts";
import type { Timing } from "./timing.ts";

export interface ClientOptions {
  readonly endpoint: Endpoint;
  readonly model: string;
  /** Asked of the service; null asks for what the model gives. */
  readonly dimensions: number | null;
  readonly apiKey: string | null;
  /** What a million tokens cost. */
  readonly price: number | null;
  readonly timing: Timing;
  readonly warn: (line: string) => void;
}

export interface RemoteFigures {
  /** Sent, retries included. */
  readonly requests: number;
  readonly retries: number;
  /** Requests that did not bring embeddings. */
  readonly failures: number;
  readonly texts: number;
  readonly tokens: number;
  /** Of `tokens`: where the service did not say, counted here, and rather too high. */
  readonly estimatedTokens: number;
  /** In the currency of the price; null without one. */
  readonly cost: number | null;
  readonly breaker: BreakerState;
}

export interface Asking {
  readonly kind: TextKind;
  /** Of the answer; null while they are not known. */
  readonly dimensions: number | null;
  readonly signal: AbortSignal | undefined;
}

export interface Client {
  /** One embedding a text. Never rejects. */
  readonly ask: (texts: readonly string[], asking: Asking) => Promise<Outcome<readonly Float32Array[]>>;
  /** A setting turned out to be wrong: nobody asks for a while. */
  readonly pause: (failure: Failure) => void;
  readonly pace: Pace;
  readonly figures: () => RemoteFigures;
  readonly errorOf: (failure: Failure) => CairnError;
}

/** Somebody waits for a question's answer, nobody for an import's. */
const patience = {
  query: { attempts: 2, timeoutMs: 5_000, retryAfterMs: 1_000 },
  passage: { attempts: 5, timeoutMs: 60_000, retryAfterMs: 30_000 },
} as const;
/** Each costs somebody seconds, so that after two of them nobody waits for a third. */
const slowQuestionWeight = 3;
const settingPauseMs = 30_000;
const warnEveryMs = 600_000;

const answerBytes = (texts: number, dimensions: number | null): number =>
  65_536 + texts * (512 + (dimensions ?? 8_192) * 32);

export const makeClient = (options: ClientOptions): Client => {
  const { endpoint, model, dimensions: asked, apiKey, price, timing, warn } = options;
  const breaker = makeCircuitBreaker(timing.now);
  const pace = makePace();
  let encoding: "base64" | "float" = "base64";
  let proven = false;
  let last: Failure = { kind: "passing", reason: "cannot be reached" };
  let warnedAt = Number.NEGATIVE_INFINITY;
  let requests = 0;
  let retries = 0;
  let failures = 0;
  let embedded = 0;
  let tokens = 0;
  let estimatedTokens = 0;

  const errorOf = ({ reason, hint, retryAfterMs }: Failure): CairnError =>
    new CairnError("embedding.unavailable", `The embedding service at ${endpoint.place} ${reason}.`, {
      ...(hint === undefined ? {} : { hint }),
      ...(retryAfterMs === undefined ? {} : { retryAfterMs: Math.ceil(retryAfterMs) }),
    });

  const note = (failure: Failure): void => {
    last = failure;
    if (timing.now() - warnedAt < warnEveryMs) return;
    warnedAt = timing.now();
    const { message, data } = errorOf(failure);
    const hint = data.hint === undefined ? "" : ` ${data.hint}`;
    warn(`${message}${hint} Meanwhile memories are stored and found by their words.`);
  };

  const meter = (texts: readonly string[], counted: number | null): void => {
    embedded += texts.length;
    const used = counted ?? texts.reduce((total, text) => total + estimateTokens(text), 0);
    tokens += used;
    if (counted === null) estimatedTokens += used;
  };

  const once = async (texts: readonly string[], { kind, dimensions, signal }: Asking) => {
    requests += 1;
    const started = timing.now();
    const outcome = await postEmbeddings({
      url: endpoint.url,
      apiKey,
      body: { model, input: texts, encoding_format: encoding, ...(asked === null ? {} : { dimensions: asked }) },
      timeoutMs: patience[kind].timeoutMs,
      answerBytes: answerBytes(texts.length, dimensions),
      signal,
      timing,
    });
    const answer = outcome.ok ? readAnswer(outcome.value, texts.length, dimensions) : outcome;
    if (!answer.ok) {
      failures += 1;
      return answer;
    }
    meter(texts, answer.value.tokens);
    proven = true;
    const bytesOfNumber = answer.value.encoding === "base64" ? 5.5 : 22;
    pace.answerBytesEach(bytesOfNumber * (answer.value.vectors[0]?.length ?? 1));
    if (kind === "passage") pace.took(texts.length, timing.now() - started);
    return answer;
  };

  /** Whether to ask again, and after how long; null when not. */
  const waitAfter = (failure: Failure, attempt: number, texts: number, kind: TextKind): number | null => {
    const { attempts, retryAfterMs } = patience[kind];
    const wished = failure.retryAfterMs ?? 0;
    if (wished > retryAfterMs) {
      breaker.failedFor(wished);
      return null;
    }
    breaker.failed(failure.timedOut === true && kind === "query" ? slowQuestionWeight : 1);
    // Many texts that took too long are asked for again in smaller requests, which is not done here.
    if (attempt >= attempts || (failure.timedOut === true && (kind === "query" || texts > 1))) return null;
    return wished + backoffMs(attempt, timing.random());
  };

  const settle = (failure: Failure): void => {
    if (failure.kind === "setting") breaker.failedFor(settingPauseMs);
    else if (failure.kind === "answer") breaker.failed();
    else breaker.left();
    if (failure.kind === "setting" || failure.kind === "answer") note(failure);
  };

  const ask = async (texts: readonly string[], asking: Asking): Promise<Outcome<readonly Float32Array[]>> => {
    for (let attempt = 1; ; attempt += 1) {
      const closedFor = breaker.enter();
      if (closedFor > 0) return failed({ ...last, kind: "passing", retryAfterMs: closedFor });
      if (attempt > 1) retries += 1;
      const answer = await once(texts, asking);
      if (answer.ok) {
        breaker.succeeded();
        warnedAt = Number.NEGATIVE_INFINITY;
        return { ok: true, value: answer.value.vectors };
      }
      const { failure } = answer;
      if (failure.kind === "refused" && encoding === "base64" && !proven) {
        // Some services do not know this way of writing numbers, which is four times shorter.
        encoding = "float";
        breaker.left();
        continue;
      }
      if (failure.kind !== "passing") {
        settle(failure);
        return answer;
      }
      const wait = waitAfter(failure, attempt, texts.length, asking.kind);
      if (wait === null || breaker.state() === "open") {
        note(failure);
        return answer;
      }
      last = failure;
      await timing.sleep(wait, asking.signal);
      if (asking.signal?.aborted === true) return failed({ kind: "calledOff", reason: "was not waited for" });
    }
  };

  return {
    ask,
    pause: (failure) => settle({ ...failure, kind: "setting" }),
    pace,
    figures: () => ({
      requests,
      retries,
      failures,
      texts: embedded,
      tokens,
      estimatedTokens,
      cost: price === null ? null : (tokens * price) / 1_000_000,
      breaker: breaker.state(),
    }),
    errorOf,
  };
};
