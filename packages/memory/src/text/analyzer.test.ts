import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { analyze } from "./analyzer.ts";

const shares = (text: string, query: string): boolean => {
  const terms = new Set(analyze(text));
  const asked = analyze(query);
  return asked.some((term) => terms.has(term));
};

describe("the analyzer", () => {
  test("REC-9 gives terms for any text: well formed, of bounded length, without blanks or control characters", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: "binary", maxLength: 400, size: "max" }),
          fc.string({ unit: "grapheme" }),
          fc.string(),
        ),
        (text) => {
          for (const term of analyze(text)) {
            expect(term).not.toBe("");
            expect(term.isWellFormed()).toBe(true);
            expect(term.length).toBeLessThanOrEqual(64);
            expect(term).not.toMatch(/\s|\p{Cc}/u);
          }
        },
      ),
      { numRuns: 500 },
    );
  });

  test("REC-9 takes lone surrogates as no letters", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0xd800, max: 0xdfff }).map((unit) => String.fromCharCode(unit))),
        (units) => {
          for (const term of analyze(`x${units.join("")}y`)) expect(term.isWellFormed()).toBe(true);
        },
      ),
    );
  });

  test("REC-9 gives the same terms whatever the case, the width and the form of accents", () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom("Café", "ZÜRICH", "naïve", "Łódź", "Ωμέγα", "ёлка", "straße"), { minLength: 1 }),
        (words) => {
          const text = words.join(" ");
          expect(analyze(text.normalize("NFD"))).toEqual(analyze(text));
          expect(analyze(text.toLowerCase())).toEqual(analyze(text));
        },
      ),
    );
    expect(analyze("ＡＢＣ１２３")).toEqual(analyze("abc123"));
    expect(analyze("ﬁle")).toEqual(analyze("file"));
  });

  test.each([
    ["getUserById", ["getuserbyid", "user", "id"]],
    ["node:fs", ["node:fs", "node", "fs"]],
    ["MAX_RETRY_COUNT", ["max_retry_count", "max", "retri", "count"]],
    ["well-known", ["well-known", "well", "know"]],
    ["XMLHttpRequest", ["xmlhttprequest", "xml", "http", "request"]],
    ["src/app/main.ts", ["src/app/main.ts", "src", "app", "main", "ts"]],
  ])("REC-9 keeps %s whole and gives its parts", (identifier, expected) => {
    expect(analyze(identifier)).toEqual(expect.arrayContaining(expected));
    expect(analyze(`see ${identifier}, please`)).toEqual(expect.arrayContaining(expected));
  });

  test.each([
    ["v1.2.3", "1.2.3"],
    ["1,000", "1000"],
    ["1,000,000.50", "1000000.50"],
    ["12:30", "12:30"],
    ["3.14", "3.14"],
  ])("REC-9 keeps the number %s together as %s", (text, term) => {
    expect(analyze(text)).toEqual([term]);
    expect(analyze(`(${text}).`)).toEqual([term]);
  });

  test.each([
    ["I don't know", "know"],
    ["Ann's book", "Ann book"],
    ["Ann’s book", "Ann book"],
    ["they've painted", "they have painting"],
    ["The children went", "a child goes"],
  ])("REC-1 hears the same in %j as in %j", (one, other) => {
    expect(analyze(one)).toEqual(analyze(other));
  });

  test.each([
    ["我们决定使用人工智能", "人工智能"],
    ["東京都の図書館", "図書館"],
    ["𠮷野家で牛丼を食べた", "𠮷野家"],
    ["เราจะไปเที่ยวทะเลในวันหยุด", "ทะเล"],
    ["ذهب إلى المكتبة", "مكتبة"],
    ["Новые библиотеки", "библиотека"],
    ["서울에서 만났다", "서울에서"],
  ])("REC-9 finds in %j the word %j", (text, query) => {
    expect(shares(text, query)).toBe(true);
  });

  test("REC-1 leaves out empty words, and nothing else", () => {
    expect(analyze("the and of which")).toEqual([]);
    expect(analyze("")).toEqual([]);
    expect(analyze("quick brown fox")).toHaveLength(3);
  });

  test("REC-9 stays quick on texts made to be slow", () => {
    const started = performance.now();
    for (const piece of ["a.", "a-", "aA", "'", "_", "1,", "A", "../", "ก", "漢", "\u0301", "n't", "@"])
      analyze(piece.repeat(25_000));
    expect(performance.now() - started).toBeLessThan(5_000);
  });
});
