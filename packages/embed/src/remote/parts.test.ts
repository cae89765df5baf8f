import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { embeddingsEndpoint } from "./endpoint.ts";
import { cutText, estimateTokens, firstPiece } from "./pieces.ts";
import { backoffMs, retryAfterMs } from "./retry.ts";

describe("addresses", () => {
  test.each([
    ["https://api.openai.com/v1", "https://api.openai.com/v1/embeddings", "api.openai.com"],
    ["https://api.openai.com/v1/", "https://api.openai.com/v1/embeddings", "api.openai.com"],
    ["https://api.openai.com", "https://api.openai.com/v1/embeddings", "api.openai.com"],
    ["http://localhost:11434/", "http://localhost:11434/v1/embeddings", "localhost:11434"],
    ["https://openrouter.ai/api/v1", "https://openrouter.ai/api/v1/embeddings", "openrouter.ai/api/v1"],
    ["https://x.test/v1/embeddings", "https://x.test/v1/embeddings", "x.test"],
    ["https://x.test/deploy/a?api-version=2", "https://x.test/deploy/a/embeddings?api-version=2", "x.test/deploy/a"],
  ])("EMB-3 %s is understood", (given, url, place) => {
    expect(embeddingsEndpoint(given)).toMatchObject({ url, place, exposed: false });
  });

  test("EMB-3 unencrypted addresses of other machines are known as such", () => {
    expect(embeddingsEndpoint("http://10.0.0.7:8080").exposed).toBe(true);
    expect(embeddingsEndpoint("http://127.0.0.9:8080").exposed).toBe(false);
  });
});

describe("pieces", () => {
  test("EMB-3 pieces keep to the estimate and hold every word of the text in order", () => {
    const words = fc.array(
      fc.oneof(fc.lorem({ maxCount: 3 }), fc.constantFrom("寿司が好き", "123456", "привет", "a\n\nb")),
    );
    fc.assert(
      fc.property(words, fc.integer({ min: 32, max: 200 }), (given, most) => {
        const text = given.join(" ");
        const pieces = cutText(text, most);
        for (const piece of pieces) expect(estimateTokens(piece)).toBeLessThanOrEqual(most);
        expect(pieces.join("").replace(/\s/gu, "")).toBe(text.replace(/\s/gu, ""));
        expect(text.trim().startsWith(firstPiece(text, most))).toBe(true);
      }),
    );
  });

  test("EMB-3 no text is too odd to be cut", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 400 }), (text) => {
        for (const piece of cutText(text, 32)) expect(piece.isWellFormed() && piece.trim() !== "").toBe(true);
      }),
    );
  });
});

describe("waiting", () => {
  const now = Date.parse("2026-03-14T12:00:00Z");

  test("EMB-3 Retry-After is seconds or a date, and nothing else", () => {
    expect(retryAfterMs("7", now)).toBe(7_000);
    expect(retryAfterMs("0.5", now)).toBe(500);
    expect(retryAfterMs("Sat, 14 Mar 2026 12:00:30 GMT", now)).toBe(30_000);
    expect(retryAfterMs("Sat, 14 Mar 2026 11:00:00 GMT", now)).toBe(0);
    for (const none of [null, "", "soon", "-5", "7 days"]) expect(retryAfterMs(none, now)).toBeNull();
  });

  test("EMB-3 pauses grow and are spread over their whole length", () => {
    expect([1, 2, 3, 12].map((attempt) => backoffMs(attempt, 1))).toEqual([500, 1_000, 2_000, 20_000]);
    expect(backoffMs(5, 0)).toBe(0);
  });
});
