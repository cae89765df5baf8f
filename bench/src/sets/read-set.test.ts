import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readSet, readSetText } from "./read-set.ts";
import type { EvalMemory, EvalQuestion } from "./set.ts";

const lines = (...records: readonly object[]): string => records.map((record) => JSON.stringify(record)).join("\n");

const temporaryFolder = (files: Readonly<Record<string, string>>) => {
  const folder = mkdtempSync(join(tmpdir(), "cairn-set-"));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(folder, name, ".."), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return { folder, [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }) };
};

const errorOf = (read: () => unknown): string => {
  try {
    read();
  } catch (error) {
    return error instanceof Error ? error.message : "";
  }
  return "nothing was wrong";
};

const word = fc.stringMatching(/^[a-z][a-z ]{0,20}[a-z]$/);
const someMemory = fc.record(
  {
    content: word,
    author: word,
    occurred_at: fc
      .date({ min: new Date("1990-01-01"), max: new Date("2040-01-01"), noInvalidDate: true })
      .map((date) => date.toISOString()),
    session_id: word,
    session_seq: fc.nat(500),
  },
  { requiredKeys: ["content", "session_id"] },
);
const someSpace = fc.record({
  memories: fc.array(someMemory, { minLength: 1, maxLength: 6 }),
  questions: fc.array(
    fc.record({
      query: word,
      gold: fc.uniqueArray(fc.nat(5), { minLength: 1, maxLength: 3 }),
      group: word,
      split: fc.constantFrom("dev", "test"),
    }),
    { maxLength: 4 },
  ),
});

describe("JSON lines", () => {
  test("REC-8 any set that is written as lines is read as it was, in whatever order the lines come", () => {
    fc.assert(
      fc.property(fc.array(someSpace, { minLength: 1, maxLength: 3 }), fc.boolean(), (given, questionsFirst) => {
        const spaces = given.map((space, at) => ({
          name: `space-${at}`,
          memories: space.memories.map((memory, index): EvalMemory => ({ id: `m${index}`, ...memory })),
          questions: space.questions.map(({ gold, ...question }, index): EvalQuestion => ({
            id: `q${at}-${index}`,
            ...question,
            gold: [...new Set(gold.map((one) => `m${one % space.memories.length}`))],
          })),
        }));
        const documents = spaces.flatMap(({ name, memories }) =>
          memories.map(({ content, ...rest }) => ({ type: "document", space: name, text: content, ...rest })),
        );
        const queries = spaces.flatMap(({ name, questions }) =>
          questions.map(({ query, group, ...rest }) => ({
            type: "query",
            space: name,
            text: query,
            category: group,
            ...rest,
          })),
        );
        const text = questionsFirst ? lines(...queries, ...documents) : lines(...documents, ...queries);
        expect(readSetText(text, "set.jsonl")).toEqual({ spaces, notes: [] });
      }),
    );
  });

  test("REC-8 the names of other sets are understood", () => {
    const { spaces } = readSetText(
      lines(
        { _id: 7, title: "Boiler", body: "It drips.", speaker: "Maren", date: "2025-01-12" },
        { id: "8", content: "It is mended.", timestamp: 1_736_700_000, session: "s", turn: 3 },
        { question: "What drips?", gold: 7, question_type: "single" },
        { qid: "q", query: "What was wrong, and is it still?", gold: { "7": 2, "8": 1, "9": 0 }, split: "validation" },
      ),
      "set.jsonl",
    );
    expect(spaces).toEqual([
      {
        name: "default",
        memories: [
          { id: "7", content: "Boiler\nIt drips.", author: "Maren", occurred_at: "2025-01-12T00:00:00.000Z" },
          {
            id: "8",
            content: "It is mended.",
            occurred_at: "2025-01-12T16:40:00.000Z",
            session_id: "s",
            session_seq: 3,
          },
        ],
        questions: [
          { id: "default/1", query: "What drips?", gold: ["7"], group: "single", split: null },
          {
            id: "q",
            query: "What was wrong, and is it still?",
            gold: ["7", "8"],
            grades: { "7": 2, "8": 1 },
            group: "all",
            split: "dev",
          },
        ],
      },
    ]);
  });

  test("REC-8 a query without a space asks the one that holds its evidence; group names a space or a category", () => {
    const { spaces } = readSetText(
      lines(
        { type: "document", group: "one", id: "a", text: "first" },
        { type: "document", group: "two", id: "b", text: "second" },
        { type: "query", text: "which?", gold: ["b"] },
        { type: "query", text: "which?", gold: ["a"], group: "one", category: "easy" },
        { type: "query", text: "which?", gold: ["a"], space: "one", group: "hard" },
      ),
      "set.jsonl",
    );
    const asked = spaces.map(({ name, questions }) => [name, questions.map(({ group, split }) => `${group} ${split}`)]);
    expect(asked).toEqual([
      ["one", ["easy dev", "hard dev"]],
      ["two", ["all test"]],
    ]);
  });

  test("REC-8 gold that names nothing, queries without gold and blank documents are left out and told", () => {
    const { spaces, notes } = readSetText(
      lines(
        { type: "document", id: "a", text: "here" },
        { type: "document", id: "b", text: "  " },
        { type: "query", text: "what?", gold: ["a", "gone"] },
        { type: "query", text: "what?", gold: [] },
        { type: "query", text: "what?", gold: ["b"] },
      ),
      "set.jsonl",
    );
    expect(spaces[0]?.questions).toMatchObject([{ gold: ["a"] }]);
    expect(notes).toEqual([
      "1 documents without text are left out",
      "1 gold ids name no document and are left out",
      "2 queries without gold are left out",
    ]);
  });

  const document = { type: "document", id: "a", text: "here" };
  test.each([
    ["no JSON", [document], '{"type":', "set.jsonl line 2: not JSON."],
    ["no object", [document], "[1]", "set.jsonl line 2: not an object."],
    ["an unknown type", [document], '{"type":"thought"}', "set.jsonl line 2: type is not known."],
    ["no type and no fields to tell it by", [document], '{"id":"b"}', "set.jsonl line 2: type is not known."],
    [
      "a document without an id",
      [document],
      '{"type":"document","text":"x"}',
      "set.jsonl line 2: a document has no id.",
    ],
    [
      "a document without text",
      [document],
      '{"type":"document","id":"b"}',
      "set.jsonl line 2: a document has no text.",
    ],
    [
      "an id twice",
      [document, {}],
      '{"type":"document","id":"a","text":"x"}',
      "set.jsonl line 3: this id was used before.",
    ],
    [
      "a time that is none",
      [document],
      '{"id":"b","text":"x","date":"soon"}',
      "set.jsonl line 2: occurred_at is not a time.",
    ],
    [
      "a position below 0",
      [document],
      '{"id":"b","text":"x","session_seq":-1}',
      "set.jsonl line 2: session_seq is not a position.",
    ],
    ["a query without text", [document], '{"type":"query","gold":["a"]}', "set.jsonl line 2: a query has no text."],
    [
      "gold that is no id",
      [document],
      '{"query":"x","gold":[null]}',
      "set.jsonl line 2: gold holds something that is no id.",
    ],
    [
      "a split that is none",
      [document],
      '{"query":"x","gold":"a","split":"later"}',
      "set.jsonl line 2: split is not known.",
    ],
    [
      "a space without documents",
      [document],
      '{"query":"x","gold":"a","space":"b"}',
      "set.jsonl line 2: no document is in this query's space.",
    ],
  ])("REC-8 %s is an error that names the line", (_, before, line, message) => {
    const text = [
      ...before.map((record) => (Object.keys(record).length === 0 ? "" : JSON.stringify(record))),
      line,
    ].join("\n");
    expect(errorOf(() => readSetText(text, "set.jsonl"))).toContain(message);
  });

  test("REC-8 a whole JSON value with documents and queries is read like lines", () => {
    const documents = [{ id: "a", text: "here" }];
    const queries = [{ text: "where?", gold: ["a"] }];
    const spaces = readSetText(JSON.stringify({ documents, queries }, null, 2), "set.json").spaces;
    expect(spaces).toMatchObject([{ memories: [{ id: "a" }], questions: [{ query: "where?", gold: ["a"] }] }]);
    expect(
      readSetText(
        JSON.stringify([
          { type: "document", ...documents[0] },
          { ...queries[0], type: "query" },
        ]),
        "x",
      ).spaces,
    ).toEqual(spaces);
  });
});

describe("folders and LoCoMo", () => {
  const corpus = lines({ _id: "d1", title: "", text: "One." }, { _id: "d2", title: "Two", text: "Two." });
  const queries = lines(
    { _id: "q1", text: "Which is one?" },
    { _id: "q2", text: "Which is two?" },
    { _id: "q3", text: "None?" },
  );

  test("REC-8 the layout of BEIR is read as it is", () => {
    using set = temporaryFolder({
      "corpus.jsonl": corpus,
      "queries.jsonl": queries,
      "qrels/dev.tsv": "query-id\tcorpus-id\tscore\nq1\td1\t1\n",
      "qrels/test.tsv": "query-id\tcorpus-id\tscore\nq2\td2\t2\nq2\td1\t0\n",
    });
    const { spaces, notes } = readSet(set.folder);
    expect(spaces[0]?.memories.map(({ content }) => content)).toEqual(["One.", "Two\nTwo."]);
    expect(spaces[0]?.questions).toEqual([
      { id: "q1", query: "Which is one?", gold: ["d1"], group: "all", split: "dev" },
      { id: "q2", query: "Which is two?", gold: ["d2"], grades: { d2: 2 }, group: "all", split: "test" },
    ]);
    expect(notes).toEqual(["1 queries without gold are left out"]);
  });

  test("REC-8 TREC's four columns and a folder of lines are read too", () => {
    using trec = temporaryFolder({
      "corpus.jsonl": corpus,
      "queries.jsonl": queries,
      "qrels.txt": "q1 0 d1 1\nq2 0 d2 1\n",
    });
    expect(readSet(trec.folder).spaces[0]?.questions.map(({ gold }) => gold)).toEqual([["d1"], ["d2"]]);
    using plain = temporaryFolder({
      "a.jsonl": lines({ type: "document", id: "d", text: "x" }),
      "b.jsonl": lines({ query: "x", gold: "d" }),
    });
    expect(readSet(plain.folder).spaces[0]?.questions).toHaveLength(1);
  });

  test("REC-8 a judgement that cannot be read is an error that names file and line", () => {
    using set = temporaryFolder({
      "corpus.jsonl": corpus,
      "queries.jsonl": queries,
      "qrels.tsv": "query-id\tcorpus-id\tscore\nq1\td1\tyes\n",
    });
    expect(errorOf(() => readSet(set.folder))).toContain("qrels.tsv line 2: not a judgement.");
    using none = temporaryFolder({});
    expect(errorOf(() => readSet(none.folder))).toContain("no *.jsonl in this folder");
  });

  const sample = {
    sample_id: "conv-1",
    conversation: {
      session_1_date_time: "1:56 pm on 8 May, 2023",
      session_1: [
        { dia_id: "D1:1", speaker: "Ana", text: "Hello." },
        { dia_id: "D1:2", speaker: "Ben", text: "Look.", blip_caption: "a boat" },
      ],
    },
    qa: [
      { question: "What did Ben show?", evidence: ["D1:02; D9:9"], category: 1 },
      { question: "What else?", evidence: [], category: 5 },
    ],
  };

  test("REC-8 LoCoMo's turns become memories, its evidence ids are normalised, and its first five samples are dev", () => {
    const { spaces, notes } = readSetText(JSON.stringify(Array.from({ length: 6 }, () => sample)), "locomo.json");
    expect(spaces[0]).toEqual({
      name: "conv-1",
      memories: [
        {
          id: "D1:1",
          content: "Hello.",
          author: "Ana",
          occurred_at: "2023-05-08T13:56:00.000Z",
          session_id: "session-1",
        },
        {
          id: "D1:2",
          content: "Look. (shared image: a boat)",
          author: "Ben",
          occurred_at: "2023-05-08T13:56:00.000Z",
          session_id: "session-1",
        },
      ],
      questions: [{ id: "conv-1/1", query: "What did Ben show?", gold: ["D1:2"], group: "multi-hop", split: "dev" }],
    });
    expect(spaces.map(({ questions }) => questions[0]?.split)).toEqual(["dev", "dev", "dev", "dev", "dev", "test"]);
    expect(notes).toEqual(["6 questions without valid evidence are left out"]);
  });

  test("REC-8 in plain text a memory is its date, author and words, and nothing else is known", () => {
    using set = temporaryFolder({ "locomo.json": JSON.stringify([sample]) });
    expect(readSet(join(set.folder, "locomo.json"), true).spaces[0]?.memories).toEqual([
      { id: "D1:1", content: "[8 May 2023] Ana: Hello." },
      { id: "D1:2", content: "[8 May 2023] Ben: Look. (shared image: a boat)" },
    ]);
  });
});
