import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { escapeLine, escapeText } from "./escape-text.ts";
import { jsonText } from "./json-document.ts";

/** Everything that makes a terminal do something other than show text. */
// oxlint-disable-next-line no-control-regex -- these are what is looked for
const obeyed = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/u;

const anyText = fc.oneof(
  fc.string({ unit: "binary" }),
  fc
    .array(
      fc.constantFrom(
        "\u001b[31m",
        "\u001b]52;c;cm0=\u0007",
        "\u009b2J",
        "\r",
        "\u202e",
        "a",
        "\ud800",
        "é",
        "\n",
        "\u0000",
      ),
    )
    .map((parts) => parts.join("")),
);

describe("API-7: recalled text cannot command the terminal", () => {
  test("no control character of any text gets through", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(escapeText(text)).not.toMatch(obeyed);
        expect(escapeText(text).isWellFormed()).toBe(true);
        expect(escapeLine(text)).not.toMatch(/[\n\t]/u);
      }),
    );
  });

  test("what would have been obeyed is shown", () => {
    expect(escapeText("\u001b]0;pwned\u0007")).toBe(String.raw`\x1b]0;pwned\x07`);
    expect(escapeText("a\u202eb")).toBe(String.raw`a\u{202e}b`);
    expect(escapeText("one\rtwo\r\nthree\tfour")).toBe("one\\x0dtwo\nthree\tfour");
  });

  test("plain text of any script stays as it is", () => {
    for (const text of ["Grüße, 世界 👋🏽", "สวัสดี", "مرحبا", "👨‍👩‍👧"]) expect(escapeText(text)).toBe(text);
  });

  test("--json shows no control character either, and means the same", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const document = jsonText({ text });
        expect(document.replaceAll("\n", "")).not.toMatch(obeyed);
        expect(JSON.parse(document)).toEqual({ text });
      }),
    );
  });
});
