import fc from "fast-check";
import { expect, test } from "vitest";
import { asksForTime, asksSomething, tellsTime } from "./cues.ts";

test.each([
  "When did Ann move to Oslo?",
  "how long has she lived there",
  "So, when is it?",
  "Do you remember when we met Tom?",
  "In what year was the house built?",
  "On which day does the pool open?",
  "Wann war das Treffen?",
  "Seit wann arbeitet er dort?",
  "Quand est-ce qu'elle arrive ?",
  "¿Cuándo llega Marta?",
  "Когда она приедет?",
  "她什么时候搬家的？",
  "会議はいつですか",
])("REC-1 takes %j for a question about a time", (question) => {
  expect(asksForTime(question)).toBe(true);
});

test.each([
  "What did Ann say when we met?",
  "Who whenever calls?",
  "Where does Ann live?",
  "What is the longest river?",
  "How many weeks of holiday do I have?",
  "",
])("REC-1 does not take %j for one", (question) => {
  expect(asksForTime(question)).toBe(false);
});

test.each([
  "I moved last week.",
  "Since 2019 we have two cats",
  "Opens at 7:30",
  "昨天我去了",
  "Gestern war es kalt",
  "вчера шёл дождь",
])("REC-1 sees that %j tells a time", (text) => {
  expect(tellsTime(text)).toBe(true);
});

test.each(["I like green tea", "Weekly", "", "Ann's phone number is 555 0199"])("REC-1 sees none in %j", (text) => {
  expect(tellsTime(text)).toBe(false);
});

test("REC-1 sees questions in every script, and nothing in what only states", () => {
  expect(["Really?", "Why? I said so.", "真的吗？", "لماذا؟"].map(asksSomething)).toEqual([true, true, true, true]);
  expect(asksSomething("That is so.")).toBe(false);
});

test("REC-9 reads any text in time that grows with its length alone", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 300 }), (text) => {
      for (const read of [asksForTime, asksSomething, tellsTime]) expect(typeof read(text)).toBe("boolean");
    }),
  );
  expect(asksForTime("and ".repeat(20_000))).toBe(false);
});
