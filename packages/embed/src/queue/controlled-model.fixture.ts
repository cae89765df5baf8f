/** A model whose calls end when the test says so, and which tells what it was asked. */
import type { PassageVectors } from "@cairn/memory/embedding/embedder";
import type { TextKind, TextModel } from "./text-model.ts";

export interface ControlledCall {
  readonly texts: readonly string[];
  readonly kind: TextKind;
  readonly signal: AbortSignal | undefined;
  readonly answer: () => void;
  readonly fail: (error: unknown) => void;
}

/** A vector that depends on the text alone. */
export const vectorOf = (text: string, dimensions = 4): Float32Array => {
  const vector = new Float32Array(dimensions);
  for (let at = 0; at < text.length; at += 1) vector[at % dimensions]! += text.charCodeAt(at) % 97;
  vector[0]! += 1;
  const norm = Math.hypot(...vector);
  return vector.map((value) => value / norm);
};

export const vectorsOf = (texts: readonly string[]): readonly PassageVectors[] =>
  texts.map((text) => (text.trim() === "" ? [] : [vectorOf(text)]));

export const makeControlledModel = (batch: TextModel["batch"] = { texts: 8, characters: 8_000, calls: 1 }) => {
  const calls: ControlledCall[] = [];
  const begun: ((call: ControlledCall) => void)[] = [];
  let taken = 0;
  let answering = false;
  let closed = 0;
  const model: TextModel = {
    model: { id: "controlled@1", dimensions: 4, provider: "testing" },
    passageText: ({ content }) => content,
    queryText: (query) => query,
    encode: (texts, kind, signal) => {
      const { promise, resolve, reject } = Promise.withResolvers<readonly PassageVectors[]>();
      const call = { texts, kind, signal, answer: () => resolve(vectorsOf(texts)), fail: reject };
      calls.push(call);
      signal?.addEventListener("abort", () => reject(signal.reason as Error));
      if (answering) {
        taken += 1;
        call.answer();
      } else begun.shift()?.(call);
      return promise;
    },
    batch,
    close: async () => {
      closed += 1;
    },
  };
  /** The next call that this function has not yet given, as soon as it is there. */
  const next = (): Promise<ControlledCall> => {
    const call = calls[taken];
    taken += 1;
    if (call !== undefined) return Promise.resolve(call);
    const { promise, resolve } = Promise.withResolvers<ControlledCall>();
    begun.push(resolve);
    return promise;
  };
  /** Answers everything from now on, until the given work is done. */
  const answerUntil = async <T>(work: Promise<T>): Promise<T> => {
    answering = true;
    for (const call of calls.slice(taken)) call.answer();
    taken = calls.length;
    try {
      return await work;
    } finally {
      answering = false;
    }
  };
  return { model, calls, next, answerUntil, closed: () => closed };
};
