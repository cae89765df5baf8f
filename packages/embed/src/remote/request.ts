/** One request: post, wait no longer than allowed, read no more than expected, and say what went wrong in our words. */
import { type Failure, failed, type Outcome } from "./failure.ts";
import { isPassing, retryAfterMs } from "./retry.ts";
import type { Timing } from "./timing.ts";

export interface EmbeddingsRequest {
  readonly url: string;
  readonly apiKey: string | null;
  readonly body: unknown;
  /** For the whole answer. */
  readonly timeoutMs: number;
  /** Bytes of an answer that are read at most. */
  readonly answerBytes: number;
  readonly signal: AbortSignal | undefined;
  readonly timing: Timing;
}

const errorBytes = 65_536;

/** Resolves to null when there is more than `most`. */
const readUpTo = async (response: Response, most: number): Promise<string | null> => {
  if (Number(response.headers.get("content-length") ?? 0) > most) {
    await response.body?.cancel();
    return null;
  }
  const decoder = new TextDecoder();
  const parts: string[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += (chunk as Uint8Array).byteLength;
    // Leaving the loop cancels the stream.
    if (size > most) return null;
    parts.push(decoder.decode(chunk as Uint8Array, { stream: true }));
  }
  parts.push(decoder.decode());
  return parts.join("");
};

/** How services say, each in its own words, that a text or a batch is too long. */
const tellsOfSize = (text: string): boolean =>
  /context|too (?:many|long|large|big)|max\w* (?:\w+ )?(?:tokens?|length|batch|inputs?)|tokens? limit|batch size|exceed/iu.test(
    text,
  );

const settingOf = (status: number): Failure | null => {
  if (status === 401 || status === 403) {
    const reason = `does not accept the key (${status})`;
    return {
      kind: "setting",
      reason,
      hint: "Set embedding_api_key, or CAIRN_EMBEDDING_API_KEY, to a key of this service.",
    };
  }
  if (status === 404 || status === 405 || status === 501) {
    const hint = "Correct embedding_url and embedding_model: the address or the model is not known there.";
    return { kind: "setting", reason: `knows no such address or model (${status})`, hint };
  }
  if (status >= 300 && status < 400) {
    const hint = "Set embedding_url to the address it redirects to; texts are not sent on to other addresses.";
    return { kind: "setting", reason: `redirects elsewhere (${status})`, hint };
  }
  return null;
};

const failureOf = async (response: Response, timing: Timing): Promise<Failure> => {
  const { status } = response;
  const text = (await readUpTo(response, errorBytes).catch(() => "")) ?? "";
  if (isPassing(status)) {
    const asked = retryAfterMs(response.headers.get("retry-after"), timing.wall());
    const reason = status === 429 ? "asks for fewer requests (429)" : `has a fault (${status})`;
    return { kind: "passing", reason, ...(asked === null ? {} : { retryAfterMs: asked }) };
  }
  if (status === 413) return { kind: "size", reason: "takes no texts of this size (413)" };
  const setting = settingOf(status);
  if (setting !== null) return setting;
  if (tellsOfSize(text)) return { kind: "size", reason: `takes no texts of this size (${status})` };
  const hint = "Check embedding_model and embedding_dimensions against what the service offers.";
  return { kind: "refused", reason: `refuses the request (${status})`, hint };
};

const codeOf = (error: unknown): string => {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  return cause instanceof Error && "code" in cause && typeof cause.code === "string" ? ` (${cause.code})` : "";
};

/** Resolves to the parsed answer of a success. Never rejects. */
export const postEmbeddings = async (request: EmbeddingsRequest): Promise<Outcome<unknown>> => {
  const { url, apiKey, body, timeoutMs, answerBytes, signal, timing } = request;
  const over = new AbortController();
  const ended = new AbortController();
  void timing.sleep(timeoutMs, ended.signal).then(() => {
    if (!ended.signal.aborted) over.abort();
  });
  let answering = false;
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: {
        "Content-Type": "application/json",
        Accept: "application/json",
        ...(apiKey === null ? {} : { Authorization: `Bearer ${apiKey}` }),
      },
      body: JSON.stringify(body),
      redirect: "manual",
      signal: signal === undefined ? over.signal : AbortSignal.any([signal, over.signal]),
    });
    answering = true;
    if (!response.ok) return failed(await failureOf(response, timing));
    const text = await readUpTo(response, answerBytes);
    if (text === null) return failed({ kind: "answer", reason: "answers with more than was asked for" });
    return { ok: true, value: JSON.parse(text) as unknown };
  } catch (error) {
    if (signal?.aborted === true) return failed({ kind: "calledOff", reason: "was not waited for" });
    if (over.signal.aborted)
      return failed({ kind: "passing", reason: `does not answer within ${timeoutMs} ms`, timedOut: true });
    if (answering) return failed({ kind: "passing", reason: `breaks off its answer${codeOf(error)}` });
    return failed({ kind: "passing", reason: `cannot be reached${codeOf(error)}` });
  } finally {
    ended.abort();
  }
};
