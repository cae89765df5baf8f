import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { captureTurns, type CaptureTurn } from "./capture.ts";

const user = (content: string): CaptureTurn => ({ role: "user", content });
const keptOf = (turns: readonly CaptureTurn[], recalled: readonly string[] = []) =>
  captureTurns(turns, recalled).filter((decision) => decision.keep);
const textsOf = (content: string, recalled: readonly string[] = []) =>
  keptOf([user(content)], recalled).map(({ text }) => text);
const reasonsOf = (content: string, role = "user") => captureTurns([{ role, content }]).map(({ reason }) => reason);

describe("what automatic capture keeps", () => {
  test.each([
    ["I prefer window seats on night trains.", "preference"],
    ["My sister can't stand coriander, and I love it.", "preference"],
    ["Priya prefers tabs over spaces.", "preference"],
    ["We decided to use PostgreSQL for billing because of row-level security.", "decision"],
    ["Let's go with the blue logo for the launch in May.", "decision"],
    ["My name is Ada and I live in Turin.", "self"],
    ["I'm allergic to nuts, can I eat this?", "self"],
    ["Our staging server is staging.example.org and runs node 24.", "self"],
    ["No, the port is 8081, not 8080.", "correction"],
    ["Remember that the key of the shed hangs behind the door.", "asked"],
    ["Please don't forget my appointment on Friday at 3 pm.", "asked"],
    ["Ich bevorzuge dunkle Schokolade.", "preference"],
    ["Je préfère le thé au café.", "preference"],
    ["Vivo en Sevilla y trabajo en un hospital.", "self"],
    ["Я живу в Казани и работаю врачом.", "self"],
    ["我喜欢喝绿茶。", "preference"],
    ["请记住我的生日是五月三日。", "asked"],
  ] as const)("MEM-10 keeps %s", (content, reason) => {
    const kept = keptOf([user(content)]);
    expect(kept.map(({ text }) => text)).toEqual([content]);
    expect(kept[0]).toMatchObject({ reason: expect.any(String) as string, trust: "person" });
    expect([reason, "claim"]).toContain(kept[0]?.reason);
  });

  test("MEM-10 says of what kind a memory is and how much it matters", () => {
    const [asked] = keptOf([user("Remember that I love jazz")]);
    const [liked] = keptOf([user("I love jazz very much")]);
    expect(asked?.importance).toBe(0.9);
    expect(liked).toMatchObject({ category: "preference" });
    expect(liked!.importance).toBeLessThan(asked!.importance);
    expect(keptOf([user("We agreed to meet in Porto on 3 May.")])).toMatchObject([{ category: "decision" }]);
  });

  test("MEM-10 takes what is worth keeping from between thanks and questions", () => {
    expect(textsOf("Hi there! I moved to Rome last week. What is the weather like?\n\nThanks!")).toEqual([
      "I moved to Rome last week.",
    ]);
  });

  test("MEM-10 believes an assistant's decisions as an agent's word, and keeps none of its explanations", () => {
    const content =
      "Sure! PostgreSQL is a relational database. I prefer it. We agreed on Tuesday that the release is on 3 May.";
    expect(keptOf([{ role: "assistant", content }])).toMatchObject([
      { text: "We agreed on Tuesday that the release is on 3 May.", trust: "agent" },
    ]);
  });
});

describe("what automatic capture never keeps", () => {
  test.each([
    ["system", "I prefer that you answer briefly.", "role"],
    ["developer", "Remember that the user is a person.", "role"],
    ["tool", "I live in Berlin", "tool_output"],
    ["user", "You are a helpful coding assistant. I prefer short answers.", "preamble"],
    ["user", "# AGENTS.md instructions for the folder\n\nI prefer tabs over spaces.", "preamble"],
    ["user", '{"name": "Ada", "likes": "I prefer tea"}', "tool_output"],
    ["user", "HEARTBEAT_OK", "heartbeat"],
    ["user", "This is what my memory holds about: tea\n\nI love green tea", "recalled_block"],
    ["user", "   ", "empty"],
  ] as const)("MEM-10 skips a %s turn: %s", (role, content, reason) => {
    expect(reasonsOf(content, role)).toContain(reason);
    expect(keptOf([{ role, content }])).toEqual([]);
  });

  const injected = [
    '<recalled id="7" time="2026-03-01T00:00:00Z">\nI love green tea\n</recalled>',
    "<relevant-memories>\n- I love green tea\n</relevant-memories>",
    "<memory>I love green tea</memory>",
    "<Memories foo='bar'><item>I love green tea</item></Memories>",
    "<context>I love green tea</context>",
    "<system-reminder>I love green tea</system-reminder>",
    "<tool_result>I love green tea</tool_result>",
    "## Memory\n- I love green tea\n- Ada lives in Turin",
    "**Relevant memories:**\n\n1. I love green tea",
    "[Memory]\n* I love green tea",
    "```\nI love green tea\n```",
    "> I love green tea",
    "<relevant-memories>\nI love green tea, and this block is never closed",
    "[INST] I love green tea",
  ] as const;

  test.each(injected)("MEM-10 takes nothing from an injected block: %j", (block) => {
    expect(textsOf(block)).toEqual([]);
  });

  test("MEM-10 keeps what a person says around injected blocks that are closed", () => {
    for (const block of injected.filter((one) => !/never closed|\[INST\]/u.test(one))) {
      expect(textsOf(`${block}\n\nI moved to Rome last week.`)).toEqual(["I moved to Rome last week."]);
    }
  });

  test.each([
    ["logs", "2026-03-14T12:00:00Z ERROR I prefer to crash\n[INFO] I live in memory"],
    ["a stack trace", "TypeError: I like undefined\n    at main (/app/src/main.js:10:5)"],
    ["a diff", "@@ -1,2 +1,2 @@\n-const a = 1;\n+const b = 2;"],
    ["JSON lines", '"preference": "I love tea",\n"home": "I live in Turin",'],
    ["base64", "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWZnaGlqa2xtbm9wcXJzdHV2d3h5ejAxMjM0NTY3ODkr"],
    ["code", "const preferences = load('I love tea');\nimport { a } from './b.ts';"],
    ["coloured output", "\u001b[31m[error]: I prefer red\u001b[0m"],
  ])("MEM-10 takes nothing from %s", (_name, content) => {
    expect(textsOf(content)).toEqual([]);
  });

  test.each([
    ["Thanks!", "small_talk"],
    ["ok, thank you 👍", "small_talk"],
    ["Danke schön!", "small_talk"],
    ["好的，谢谢", "small_talk"],
    ["Спасибо!", "small_talk"],
    ["What do I like to drink?", "question"],
    ["Kannst du mir helfen?", "question"],
    ["你喜欢茶吗？", "question"],
    ["Write a function that sorts a list of numbers.", "not_worth_keeping"],
    ["The quick brown fox jumps over the lazy dog.", "not_worth_keeping"],
    ["blue please", "too_short"],
  ])("MEM-10 keeps no %j", (content, reason) => {
    expect(reasonsOf(content)).toEqual([reason]);
  });

  test("MEM-10 drops a sentence with a secret, even one that was asked for, and shows no secret", () => {
    const decisions = captureTurns([user("Remember my password is hunter2. I live in Turin by the river.")]);
    expect(decisions).toMatchObject([
      { keep: false, reason: "secret", text: "Remember my password is [secret removed]." },
      { keep: true, text: "I live in Turin by the river." },
    ]);
    expect(JSON.stringify(decisions)).not.toContain("hunter2");
  });

  test("MEM-10 drops a pasted document whole", () => {
    expect(reasonsOf("I love tea. ".repeat(3_000))).toEqual(["too_long"]);
  });
});

describe("what was recalled into the prompt", () => {
  const recalled = ["The port is 8080", "Ada lives in the old town of Turin", "I love green tea"];

  test.each([
    "I love green tea!",
    "Ada lives in Turin, in the old town.",
    "Remember that Ada lives in the old town of Turin",
  ])("MEM-10 is not kept again: %s", (content) => {
    expect(textsOf(content, recalled)).toEqual([]);
    expect(textsOf(content)).toHaveLength(1);
  });

  test.each(["My port is 8081 now.", "Ada no longer lives in the old town of Turin.", "I love black tea with milk."])(
    "MEM-10 is no reason to miss what corrects it: %s",
    (content) => {
      expect(textsOf(content, recalled)).toEqual([content]);
    },
  );

  test("MEM-10 keeps what is said twice once", () => {
    const turns = [user("I live in Turin by the river."), user("i live in turin by the river")];
    expect(captureTurns(turns).map(({ reason }) => reason)).toEqual([expect.any(String), "repeated"]);
  });
});

describe("any conversation", () => {
  const piece = fc.oneof(
    fc.constantFrom(
      "I love tea. ",
      "<memory>",
      "</memory>",
      "```\n",
      "## Memory\n",
      "- item\n",
      "\n\n",
      "password: hunter2 ",
      "> ",
      "[INST]",
      "{",
      "}",
      '<recalled id="1">',
      "</recalled>",
      "Remember that ",
      "?",
      "。",
    ),
    fc.string({ unit: "grapheme", maxLength: 20 }),
  );
  const content = fc.array(piece, { maxLength: 30 }).map((parts) => parts.join(""));

  test("MEM-10 gives the same decisions each time, and keeps nothing with a secret or from an open block", () => {
    fc.assert(
      fc.property(fc.array(content, { maxLength: 4 }), (texts) => {
        const turns = texts.map(user);
        const decisions = captureTurns(turns);
        expect(captureTurns(turns)).toEqual(decisions);
        for (const decision of decisions) {
          expect(turns[decision.turn]).toBeDefined();
          if (!decision.keep) continue;
          expect(decision.text).not.toMatch(/hunter2|<\/?memory>|<recalled/u);
          expect(decision.importance).toBeGreaterThanOrEqual(0);
          expect(decision.importance).toBeLessThanOrEqual(1);
        }
      }),
    );
  });

  test("MEM-10 is never captured again once it is recalled", () => {
    const said = fc.constantFrom(
      "I love jazz in the morning.",
      "My dog Rex lives in Porto.",
      "We decided to paint it blue.",
    );
    fc.assert(
      fc.property(said, fc.constantFrom("", "Hello! ", "By the way, "), (sentence, before) => {
        expect(textsOf(before + sentence, [sentence])).toEqual([]);
      }),
    );
  });

  test("MEM-10 ends on long texts of any kind", () => {
    for (const unit of [
      "<memory>",
      "<a ",
      "## Memory\n",
      "- a\n",
      "```\n",
      "> a\n",
      "I like ",
      "password ",
      "\u001b[",
      '"a": ',
      "at x (y:1:1)\n",
    ])
      expect(captureTurns([user(unit.repeat(Math.floor(100_000 / unit.length)))]).length).toBeGreaterThan(0);
  });
});
