import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { SessionMessage } from "../space/engine.ts";
import { chunkSession, newMessages } from "./chunk-session.ts";

const chunkCharacters = 1_600;

const content = fc.oneof(
  { weight: 4, arbitrary: fc.lorem({ maxCount: 40 }) },
  { weight: 1, arbitrary: fc.lorem({ maxCount: 900 }) },
  { weight: 1, arbitrary: fc.nat(5_000).map((length) => "x".repeat(length)) },
  { weight: 1, arbitrary: fc.nat(1_500).map((length) => "😀".repeat(length)) },
  { weight: 1, arbitrary: fc.string({ unit: "grapheme" }) },
);
const draft = fc.record({ role: fc.constantFrom("user", "assistant"), content });
const transcript = fc
  .array(draft, { minLength: 1, maxLength: 25 })
  .map((list) => list.map((one, at): SessionMessage => ({ ...one, at: 1_000 * at, timed: true })));

const squeezed = (text: string): string => text.replace(/\s+/gu, "");

describe("chunks of a session", () => {
  test("MEM-9 cover the whole transcript in order, none much longer than a chunk", () => {
    fc.assert(
      fc.property(transcript, (messages) => {
        const chunks = chunkSession(messages);
        expect(chunks.map(({ index }) => index)).toEqual(chunks.map((_, at) => at));
        const whole = squeezed(messages.map(({ role, content: text }) => `${role}: ${text}`).join(""));
        let covered = 0;
        for (const chunk of chunks) {
          expect(chunk.content.length).toBeLessThanOrEqual(chunkCharacters + 201);
          expect(chunk.first).toBeLessThanOrEqual(chunk.last);
          // Each chunk continues the transcript, after at most the overlap from the one before.
          const text = squeezed(chunk.content);
          let overlap = Math.min(200, covered, text.length);
          while (overlap >= 0 && !whole.startsWith(text, covered - overlap)) overlap--;
          expect(overlap).toBeGreaterThanOrEqual(0);
          covered += text.length - overlap;
        }
        expect(covered).toBeGreaterThanOrEqual(whole.length);
        expect(chunks.at(-1)?.last).toBe(messages.length - 1);
        expect(chunks[0]?.first).toBe(0);
      }),
    );
  });

  test("MEM-9 never end inside a character", () => {
    fc.assert(
      fc.property(transcript, (messages) => {
        for (const chunk of chunkSession(messages)) expect(chunk.content.isWellFormed()).toBe(true);
      }),
    );
  });

  test("MEM-9 stay as they are when the session grows, but for the last", () => {
    fc.assert(
      fc.property(transcript, fc.nat(), (messages, cut) => {
        const before = chunkSession(messages.slice(0, 1 + (cut % messages.length)));
        const after = chunkSession(messages);
        expect(after.slice(0, before.length - 1)).toEqual(before.slice(0, -1));
        expect(after.length).toBeGreaterThanOrEqual(before.length);
        expect(after[before.length - 1]?.content.startsWith(before.at(-1)!.content)).toBe(true);
      }),
    );
  });

  test("MEM-9 of nothing are none", () => {
    expect(chunkSession([])).toEqual([]);
  });
});

describe("new messages", () => {
  test("MEM-9 are none when all is sent again, or any part of it that runs on", () => {
    fc.assert(
      fc.property(transcript, fc.nat(), fc.nat(), (messages, a, b) => {
        const [from, to] = [a % messages.length, b % (messages.length + 1)];
        expect(newMessages(messages, messages)).toEqual([]);
        expect(newMessages(messages, messages.slice(Math.min(from, to), Math.max(from, to)))).toEqual([]);
      }),
    );
  });

  test("MEM-9 add up to the transcript, however it is split, and however much is sent again", () => {
    const sizes = fc.array(fc.record({ fresh: fc.integer({ min: 0, max: 6 }), again: fc.nat(8) }), {
      minLength: 1,
      maxLength: 12,
    });
    fc.assert(
      fc.property(transcript, sizes, (messages, parts) => {
        let stored: readonly SessionMessage[] = [];
        let sent = 0;
        for (const { fresh, again } of [...parts, { fresh: messages.length, again: 3 }]) {
          const to = Math.min(messages.length, sent + fresh);
          const added = newMessages(stored, messages.slice(Math.max(0, sent - again), to));
          expect(added).toEqual(messages.slice(sent, to));
          stored = [...stored, ...added];
          sent = to;
        }
        expect(stored).toEqual(messages);
      }),
    );
  });

  test("MEM-9 are told by their texts where no times are given, if these differ", () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.lorem(), { minLength: 1, maxLength: 15 }), fc.nat(), (texts, cut) => {
        const untimed = texts.map((text, at): SessionMessage => ({ role: "user", content: text, at, timed: false }));
        const to = cut % texts.length;
        // A client without times makes up others on each arrival.
        const again = untimed.map((message) => ({ ...message, at: message.at + 9_999 }));
        expect(newMessages(untimed.slice(0, to), again)).toEqual(again.slice(to));
        expect(newMessages(untimed, again.slice(to))).toEqual([]);
      }),
    );
  });

  test("MEM-9 are all that was never stored, even out of order", () => {
    const message = (text: string, at: number): SessionMessage => ({ role: "user", content: text, at, timed: true });
    const [a, b, c, d] = ["a", "b", "c", "d"].map(message);
    expect(newMessages([a!, c!], [a!, b!, c!, d!])).toEqual([b, d]);
    expect(newMessages([a!], [b!, a!])).toEqual([b]);
    expect(newMessages([], [a!, a!])).toEqual([a, a]);
    expect(newMessages([a!], [])).toEqual([]);
    expect(newMessages([message("ok", 1)], [message("ok", 2)])).toHaveLength(1);
  });
});
