/**
 * What a service answered, checked before it is believed: as many embeddings as texts, each index once, the model's
 * dimensions, finite numbers. Vectors come out in the order of the texts and with unit length.
 */
import { failed, type Outcome } from "./failure.ts";

export interface Embedded {
  readonly vectors: readonly Float32Array[];
  /** As the service counts them; null when it does not say. */
  readonly tokens: number | null;
  readonly encoding: "float" | "base64";
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const wrong = (reason: string, hint?: string): Outcome<never> =>
  failed({ kind: "answer", reason, ...(hint === undefined ? {} : { hint }) });

/** Float32, little-endian, as OpenAI's API packs them. */
const fromBase64 = (text: string): Float32Array | null => {
  const bytes = Buffer.from(text, "base64");
  if (bytes.length === 0 || bytes.length % 4 !== 0) return null;
  const vector = new Float32Array(bytes.length / 4);
  for (let axis = 0; axis < vector.length; axis += 1) vector[axis] = bytes.readFloatLE(axis * 4);
  return vector;
};

const fromNumbers = (numbers: readonly unknown[]): Float32Array | null =>
  numbers.every((number) => typeof number === "number") ? Float32Array.from(numbers) : null;

/** Scales to unit length in place; false for a vector that has no direction or is not all finite. */
const normalise = (vector: Float32Array): boolean => {
  let sum = 0;
  for (const value of vector) sum += value * value;
  const norm = Math.sqrt(sum);
  if (!Number.isFinite(norm) || norm === 0) return false;
  for (let axis = 0; axis < vector.length; axis += 1) vector[axis]! /= norm;
  return true;
};

const tokensOf = (answer: Readonly<Record<string, unknown>>): number | null => {
  const usage = answer["usage"];
  if (!isObject(usage)) return null;
  const found = [usage["total_tokens"], usage["prompt_tokens"]].find(
    (tokens) => typeof tokens === "number" && Number.isSafeInteger(tokens) && tokens >= 0,
  );
  return found === undefined ? null : (found as number);
};

/** `dimensions` is null while they are not known: then the vectors must only agree with each other. */
export const readAnswer = (answer: unknown, count: number, dimensions: number | null): Outcome<Embedded> => {
  const data = isObject(answer) ? answer["data"] : null;
  if (!isObject(answer) || !Array.isArray(data)) {
    return wrong("answers with something else than embeddings", "Check that embedding_url speaks OpenAI's API.");
  }
  if (data.length !== count) return wrong(`answers with ${data.length} embeddings for ${count} texts`);
  const vectors: (Float32Array | undefined)[] = Array.from({ length: count });
  let encoding: Embedded["encoding"] = "base64";
  let expected = dimensions;
  for (const [position, item] of data.entries()) {
    if (!isObject(item)) return wrong("answers with something else than embeddings");
    const { index = position, embedding } = item;
    if (typeof index !== "number" || !Number.isInteger(index) || index < 0 || index >= count)
      return wrong("answers with an index that no text has");
    if (vectors[index] !== undefined) return wrong("answers twice for the same text");
    if (Array.isArray(embedding)) encoding = "float";
    const vector = Array.isArray(embedding)
      ? fromNumbers(embedding)
      : typeof embedding === "string"
        ? fromBase64(embedding)
        : null;
    if (vector === null) return wrong("answers with an embedding that is no list of numbers");
    expected ??= vector.length;
    if (vector.length !== expected) {
      const hint = "Set embedding_dimensions to what the model gives; spaces are then embedded anew in the background.";
      return wrong(`answers with ${vector.length} dimensions instead of ${expected}`, hint);
    }
    if (!normalise(vector)) return wrong("answers with an embedding that is not a direction");
    vectors[index] = vector;
  }
  return { ok: true, value: { vectors: vectors as readonly Float32Array[], tokens: tokensOf(answer), encoding } };
};
