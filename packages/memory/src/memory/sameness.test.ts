import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { samenessOf } from "./sameness.ts";

const plain = { author: null, occurredAt: null, sessionId: null, sessionSeq: null };
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const hashes = (content: string, more: Partial<Parameters<typeof samenessOf>[0]> = {}) => {
  const { identity, near } = samenessOf({ ...plain, content, ...more });
  return { identity: hex(identity), near: hex(near) };
};

describe("sameness", () => {
  test("MEM-5 is of sixteen bytes for any text, and the same every time", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (content) => {
        const { identity, near } = samenessOf({ ...plain, content });
        expect([identity.length, near.length]).toEqual([16, 16]);
        expect(hashes(content)).toEqual(hashes(content));
      }),
    );
  });

  test("MEM-5 does not heed case, blanks or what ends a sentence", () => {
    expect(hashes("Hello,  World!").identity).toBe(hashes("hello, world").identity);
    expect(hashes("The port is 8080").near).not.toBe(hashes("The port is 8081").near);
    expect(hashes("The keys are here").near).toBe(hashes("The key is here").near);
    expect(hashes("The keys are here").identity).not.toBe(hashes("The key is here").identity);
  });

  test("MEM-5 heeds who said it, when, and where in which session", () => {
    const said = { author: "Ann", occurredAt: 5, sessionId: "s", sessionSeq: 1 };
    const all = [
      said,
      { ...said, author: "Bob" },
      { ...said, author: null },
      { ...said, occurredAt: 6 },
      { ...said, sessionId: "t" },
      { ...said, sessionSeq: 2 },
    ].map((more) => hashes("Thanks", more).identity);
    expect(new Set(all).size).toBe(all.length);
    expect(hashes("Thanks", { ...said, author: "ANN" })).toEqual(hashes("Thanks", said));
  });

  test("MEM-5 does not heed the session of a fact that nobody is said to have said", () => {
    expect(hashes("Water boils at 100", { sessionId: "a" })).toEqual(hashes("Water boils at 100", { sessionId: "b" }));
  });
});
