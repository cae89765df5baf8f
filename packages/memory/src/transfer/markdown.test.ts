import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ImportDraft } from "./draft.ts";
import { readMarkdown, slug } from "./markdown.ts";
import { dateInFileName, dateInHeading } from "./markdown-dates.ts";
import { splitText } from "./split-text.ts";

const contents = (text: string): readonly string[] => readMarkdown(text).map((draft) => draft.content);
const one = (text: string): ImportDraft => {
  const drafts = readMarkdown(text);
  expect(drafts).toHaveLength(1);
  return drafts[0] ?? { content: "" };
};

describe("MEM-6: a MEMORY.md becomes memories", () => {
  test("a usual file: headings become context and tags, each item and paragraph a memory", () => {
    const text = [
      "# Project memory",
      "",
      "We build a bridge",
      "over the river.",
      "",
      "## Decisions ##",
      "- Use PostgreSQL 15",
      "  because of row security",
      "- Ports:",
      "    - web: 443",
      "    - api: 8080",
      "* **deadline**: 1 June",
      "",
      "## People",
      "1. Ada leads",
      "2. Grace reviews",
    ].join("\r\n");
    expect(readMarkdown(text)).toEqual([
      { content: "We build a bridge\nover the river.", context: "Project memory", tags: ["project-memory"] },
      ...["Use PostgreSQL 15\nbecause of row security", "Ports:\n- web: 443\n- api: 8080", "**deadline**: 1 June"].map(
        (content) => ({ content, context: "Project memory > Decisions", tags: ["project-memory", "decisions"] }),
      ),
      ...["Ada leads", "Grace reviews"].map((content) => ({
        content,
        context: "Project memory > People",
        tags: ["project-memory", "people"],
      })),
    ]);
  });

  test("nested items, paragraphs and code below an item belong to it; a blank line alone does not end it", () => {
    const text =
      "- parent\n\n  more\n\n  ```sh\n# not a heading\n  run\n  ```\n  - child\n\t- grandchild\n\n- next\nlazy\n\nafter";
    expect(contents(text)).toEqual([
      "parent\n\n  more\n\n  ```sh\n# not a heading\n  run\n  ```\n  - child\n\t- grandchild",
      "next\nlazy",
      "after",
    ]);
  });

  test("checkboxes tell whether it is done", () => {
    expect(readMarkdown("- [x] ship it\n- [ ] rest\n- [link](u)")).toEqual([
      { content: "ship it", metadata: { checked: true } },
      { content: "rest", metadata: { checked: false } },
      { content: "[link](u)" },
    ]);
  });

  test("a table's rows are memories that carry the names of their columns", () => {
    expect(contents("| Name | Role |\n|:--|--:|\n| Ada | lead \\| dev |\n| Grace | |\n\nafter")).toEqual([
      "Name: Ada; Role: lead | dev",
      "Name: Grace; Role:",
      "after",
    ]);
    expect(contents("a | b\n--|--\n")).toEqual(["a, b"]);
    expect(contents("no | table\nhere")).toEqual(["no | table\nhere"]);
  });

  test("code is kept whole, whatever is in it", () => {
    const code = "~~~md\n# no heading\n\n- no item\n<!-- no comment -->\n```\n~~~";
    expect(contents(`before\n${code}\nafter`)).toEqual(["before", code, "after"]);
    expect(contents("```\nnever closed\n# still code")).toEqual(["```\nnever closed\n# still code"]);
  });

  test("comments go, also over several lines; in code and when never closed they are text", () => {
    expect(contents("- a <!-- x --> b\n<!--\n# gone\n-->\n- c")).toEqual(["a  b", "c"]);
    expect(contents("use `<!-- x -->` there")).toEqual(["use `<!-- x -->` there"]);
    expect(contents("a <!-- open\nb")).toEqual(["a <!-- open\nb"]);
  });

  test("quotes lose their marks, rules are only borders, underlined lines are headings", () => {
    expect(readMarkdown("> be kind\n> always\n\n***\n\nTitle\n=====\ntext\n\nPart\n---\nmore")).toEqual([
      { content: "be kind\nalways" },
      { content: "text", context: "Title", tags: ["title"] },
      { content: "more", context: "Title > Part", tags: ["title", "part"] },
    ]);
  });

  test("a line that ends in a colon says what the list below it is about", () => {
    expect(readMarkdown("# T\nThe team:\n\n- Ada\n- Grace\n\nLater:\nnothing")).toMatchObject([
      { content: "Ada", context: "T > The team" },
      { content: "Grace", context: "T > The team" },
      { content: "Later:\nnothing", context: "T" },
    ]);
  });

  test("a heading with nothing below it is a memory", () => {
    expect(readMarkdown("# Rules\n## Never push on Friday\n## Always test\nreally")).toMatchObject([
      { content: "Never push on Friday", context: "Rules" },
      { content: "really", context: "Rules > Always test" },
    ]);
  });

  test("dates in headings, items, front matter and the file's name tell when it happened", () => {
    const day = (date: number) => Date.UTC(2024, 4, date);
    const text =
      "before\n## 2024-05-03 Friday\n- a\n- 2024-05-04 14:30: b\n### Notes\nc\n## May 5th, 2024\nd\n## Other\ne";
    const times = readMarkdown(text, { fileName: "memory/2024-05-01.md" }).map((draft) => draft.occurredAt);
    expect(times).toEqual([day(1), day(3), day(4) + 14.5 * 3_600_000, day(3), day(5), day(1)]);
    expect(one("---\ndate: 2024-05-02\n---\nx").occurredAt).toBe(day(2));
    expect(one("x").occurredAt).toBeUndefined();
  });

  test.each([
    ["2024-05-03", "2024-05-03"],
    ["2024/5/3 (Fri)", "2024-05-03"],
    ["3 May 2024", "2024-05-03"],
    ["Sept 3rd, 2024", "2024-09-03"],
    ["3rd of December 2024", "2024-12-03"],
    ["2024-13-03", null],
    ["2023-02-29", null],
    ["May 2024", null],
    ["version 1.2.2024-05", null],
    ["Ticket 12024-05-033", null],
  ])("the heading %j is of %s", (text, expected) => {
    expect(dateInHeading(text)).toBe(expected === null ? null : Date.parse(expected));
  });

  test("a file's name may write the day without dashes", () => {
    expect(dateInFileName("C:\\notes\\20240503.md")).toBe(Date.UTC(2024, 4, 3));
    expect(dateInFileName("2023-01-01/MEMORY.md")).toBeNull();
  });

  test("front matter becomes metadata and tags; what is deeper than lists is kept as text", () => {
    const text = "---\ntitle: \"My: notes\"\ntags: [a, 'b']\nauthors:\n  - Ada\n  - Grace\n# aside\n---\n# H\nx";
    expect(one(text)).toEqual({
      content: "x",
      context: "H",
      tags: ["h", "a", "b"],
      metadata: { title: "My: notes", tags: ["a", "b"], authors: ["Ada", "Grace"], front_matter_comments: ["aside"] },
    });
    expect(one("---\na:\n  b: 1\n---\nx").metadata).toEqual({ front_matter: "a:\n  b: 1" });
    expect(one("---\njust a line\n---\nx")).toMatchObject({ content: "x", context: "just a line" });
    expect(contents("---\na: only\n---\n")).toEqual(["a: only"]);
  });

  test("a text beyond 50,000 characters is cut at paragraph borders", () => {
    const paragraph = `${"word ".repeat(1_900).trim()}.`;
    const item = `- ${Array.from({ length: 12 }, () => paragraph).join("\n\n  ")}`;
    const drafts = readMarkdown(item);
    expect(drafts.map((draft) => draft.content.split(paragraph).length - 1)).toEqual([5, 5, 2]);
    expect(drafts.map((draft) => draft.metadata)).toEqual([1, 2, 3].map((part) => ({ part, parts: 3 })));
  });

  test("parts fit, lose nothing but white space, and keep surrogate pairs whole", () => {
    const text = fc.string({ unit: fc.constantFrom("a", "bc", " ", "\n", "\n\n", ". ", "😀"), maxLength: 80 });
    fc.assert(
      fc.property(text, fc.integer({ min: 2, max: 30 }), (whole, most) => {
        const parts = splitText(whole, most);
        expect(parts.join("").replaceAll(/\s/g, "")).toBe(whole.replaceAll(/\s/g, ""));
        for (const part of parts) {
          expect(part.length).toBeLessThanOrEqual(most);
          expect(part.isWellFormed()).toBe(true);
        }
      }),
    );
  });

  test("a heading's tag", () => {
    expect(slug("Coding style (TS)!")).toBe("coding-style-ts");
    expect(slug("Überblick — 東京")).toBe("überblick-東京");
    expect(slug("***")).toBe("");
  });

  const mark = fc.constantFrom(
    "# ",
    "## ",
    "###### ",
    "#",
    "- ",
    "  - ",
    "\t* ",
    "+ ",
    "1. ",
    "12) ",
    "- [ ] ",
    "- [x] ",
    "> ",
    "    ",
    "",
    "| ",
    "```",
    "~~~ ",
    "---",
    "===",
    "***",
    "|--|--|",
    "key: ",
    "- - ",
    "-\t",
    " ",
    "`",
  );
  const eol = fc.constantFrom("\n", "\n", "\n\n", "\r\n", "\r");
  const start = fc.constantFrom("", "---\n", "\ufeff", "---\ntitle: w0\n---\n");
  const words = (text: string): readonly string[] => text.match(/w\d+/g) ?? [];

  test("no word of any text is lost, and what is content comes in the order of the text", () => {
    const line = fc.tuple(mark, fc.integer({ min: 0, max: 3 }), fc.constantFrom("", ":", " |", " | ", "#", "  "), eol);
    fc.assert(
      fc.property(start, fc.array(line, { maxLength: 25 }), (head, lines) => {
        let next = 0;
        const body = lines.map(([prefix, count, suffix, end]) => {
          const some = Array.from({ length: count }, () => `w${++next}`);
          return `${prefix}${some.join(" ")}${suffix}${end}`;
        });
        const text = head + body.join("");
        const drafts = readMarkdown(text);
        const found = new Set(words(JSON.stringify(drafts)));
        expect(words(text).filter((word) => !found.has(word))).toEqual([]);
        const order = drafts.map((draft) => Number(words(draft.content)[0]?.slice(1) ?? Number.NaN));
        const known = order.filter((number) => !Number.isNaN(number));
        // A word of a table's heading comes again with every row, so only the other texts have one order.
        expect(text.includes("|") ? [] : known).toEqual(text.includes("|") ? [] : known.toSorted((a, b) => a - b));
        for (const draft of drafts) expect(draft.content.trim()).not.toBe("");
      }),
      { numRuns: 2_000 },
    );
  });

  test("hundreds of thousands of rows or lines are no trouble", () => {
    expect(contents(`|a|\n|-|\n${"|b|\n".repeat(200_000)}`)).toHaveLength(200_000);
    expect(contents(`- a\n${"  b\n".repeat(200_000)}`)).toHaveLength(9);
  });

  test("any text at all is read in time that grows with its length", () => {
    fc.assert(fc.property(fc.string({ unit: "binary", maxLength: 300 }), (text) => void readMarkdown(text)));
    for (const piece of [
      "#",
      "# ",
      "- ",
      "|",
      "|-",
      "`",
      "> ",
      "<!--",
      "---\n",
      "  \n",
      "\t- a\n\n",
      "a:\n",
      "1. \n",
      "[",
      "<!-- `",
    ]) {
      const started = performance.now();
      readMarkdown(piece.repeat(100_000 / piece.length));
      expect(performance.now() - started).toBeLessThan(2_000);
    }
  });
});
