import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { arbitraryMemory } from "./arbitrary-memory.fixture.ts";
import { readJsonLine, readJsonLines } from "./jsonl.ts";
import { memoryToJson } from "./memory-json.ts";

const read = (text: string) => [...readJsonLines(text)];

describe("API-7: importing JSON Lines", () => {
  test("native fields are taken under their wire names, times in any common form", () => {
    const line = {
      content: "Ada prefers tea",
      tags: ["food"],
      category: "preference",
      session_id: "s1",
      session_seq: 3,
      author: "Ada",
      occurred_at: "2024-05-03",
      created_at: 1714737600,
      source_type: "deliberate",
      metadata: { a: [1] },
      importance: 0.5,
    };
    expect(read(JSON.stringify(line))).toEqual([
      {
        kind: "draft",
        ignored: [],
        draft: {
          content: "Ada prefers tea",
          tags: ["food"],
          category: "preference",
          sessionId: "s1",
          sessionSeq: 3,
          author: "Ada",
          occurredAt: Date.UTC(2024, 4, 3),
          createdAt: Date.UTC(2024, 4, 3, 12),
          sourceType: "user_explicit",
          metadata: { a: [1] },
          importance: 0.5,
        },
      },
    ]);
  });

  test("the text may be called text or memory; what is not understood is named", () => {
    expect(read('{"text": "a"}\r\n\r\n{"memory": "b", "user_id": "ada", "hash": "x"}\n')).toEqual([
      { kind: "draft", draft: { content: "a" }, ignored: [] },
      { kind: "draft", draft: { content: "b" }, ignored: ["user_id", "hash"] },
    ]);
  });

  test("a bad line is told by its number and reason, without its content; the others come in", () => {
    const secret = "my password is hunter2";
    const text = [
      '{"content": "good"}',
      `{"content": "${secret}"`,
      "[1]",
      '{"tags": ["x"]}',
      '{"content": "  "}',
      `{"id": "7", "content": "${secret}", "tags": "x", "confidence": 2, "created_at": "soon"}`,
      '{"content": "also good"}',
    ].join("\n");
    const results = read(text);
    expect(results.map((result) => (result.kind === "draft" ? result.draft.content : result.problem))).toEqual([
      "good",
      { where: "line 2", id: null, message: "this is not valid JSON." },
      { where: "line 3", id: null, message: "a JSON object was expected." },
      { where: "line 4", id: null, message: "content is missing; it should be a text that is not blank." },
      { where: "line 5", id: null, message: "content should be a text that is not blank." },
      {
        where: "line 6",
        id: "7",
        message:
          "tags should be a list of texts. confidence should be a number from 0 to 1. created_at should be a time in ISO 8601.",
      },
      "also good",
    ]);
    expect(readJsonLine({ number: 9, text: null })).toMatchObject({ problem: { where: "line 9" } });
  });

  test("it never throws, whatever a line holds", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        expect(read(text)).toBeInstanceOf(Array);
      }),
    );
  });

  test("any memory written as a line is read back, but for what only a stored one has", () => {
    fc.assert(
      fc.property(arbitraryMemory, (memory) => {
        const { space: _, supersededBy: _2, createdBy: _3, updatedBy: _4, ...draft } = memory;
        expect(read(JSON.stringify(memoryToJson(memory)))).toEqual([{ kind: "draft", draft, ignored: [] }]);
      }),
    );
  });
});
