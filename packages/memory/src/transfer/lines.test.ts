import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { linesOf, makeLineSplitter } from "./lines.ts";

describe("API-7: lines of an import", () => {
  test("byte order mark and carriage returns are not part of a line; the last needs no newline", () => {
    expect(linesOf("\ufeffa\r\nb\n\nc")).toEqual([
      { number: 1, text: "a" },
      { number: 2, text: "b" },
      { number: 3, text: "" },
      { number: 4, text: "c" },
    ]);
    expect(linesOf("")).toEqual([]);
    expect(linesOf("a\n")).toEqual([{ number: 1, text: "a" }]);
  });

  test("a line that is too long is told by its number and costs no memory; the next is read", () => {
    expect(linesOf("12345\n123456\n12345\r\n", 5).map((line) => line.text)).toEqual(["12345", null, "12345"]);
    const splitter = makeLineSplitter(10);
    for (let chunk = 0; chunk < 1_000; chunk += 1) expect(splitter.push("x".repeat(1_000))).toEqual([]);
    expect(splitter.push("\nok\n")).toEqual([
      { number: 1, text: null },
      { number: 2, text: "ok" },
    ]);
  });

  test("however the text is cut into chunks, the lines are the same", () => {
    const piece = fc.constantFrom("a", "bc", "\n", "\r\n", "\ufeff", "\r", "déf");
    fc.assert(
      fc.property(fc.array(fc.array(piece), { maxLength: 8 }), (chunks) => {
        const splitter = makeLineSplitter(4);
        const texts = chunks.map((chunk) => chunk.join(""));
        const lines = [...texts.flatMap((text) => splitter.push(text)), ...splitter.end()];
        expect(lines).toEqual(linesOf(texts.join(""), 4));
      }),
    );
  });
});
