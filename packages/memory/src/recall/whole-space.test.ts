import { expect, test } from "vitest";
import { encodeBag, makeBag } from "./bag.ts";
import { makeLexicalIndex } from "./lexical-index.ts";

const words = (text: string): readonly string[] => text.split(" ");
const lexicon = new Map<string, number>();
const idOf = (term: string): number => {
  const known = lexicon.get(term) ?? lexicon.size + 1;
  lexicon.set(term, known);
  return known;
};
const bagOf = (text: string): Uint8Array => encodeBag(makeBag(words(text), [], idOf));
const texts = Array.from({ length: 60 }, (_, at) =>
  Array.from({ length: 4 + (at % 9) }, (__, place) => `w${(at * 7 + place * place) % 23}`).join(" "),
);
const asked = ["w3", "w9", "w14"];

test("REC-1 some documents with the figures of all score as they do among all", () => {
  const all = makeLexicalIndex();
  for (const [doc, text] of texts.entries()) all.add(doc, bagOf(text), -1, 0);
  const everyone = new Uint8Array(texts.length).fill(1);
  const { scores } = all.score(asked.map(idOf), everyone, { everyone: true });

  const numbers = new Map(asked.map((term, at) => [idOf(term), at] as const));
  const some = makeLexicalIndex({
    documents: texts.length,
    passages: texts.length,
    length: texts.reduce((sum, text) => sum + words(text).length, 0),
    holding: (at) => texts.filter((text) => words(text).includes(asked[at] ?? "")).length,
    numberOf: (term) => numbers.get(term) ?? -1,
  });
  const chosen = texts.flatMap((_, doc) => (doc % 5 === 2 ? [doc] : []));
  for (const [at, doc] of chosen.entries()) some.add(at, bagOf(texts[doc]!), -1, 0);
  const mask = new Uint8Array(chosen.length).fill(1);
  const part = some.score([0, 1, 2], mask, { everyone: true });
  expect(Array.from(chosen, (_, at) => part.scores[at])).toEqual(chosen.map((doc) => scores[doc]));
  expect(chosen.some((doc) => scores[doc]! > 0)).toBe(true);
});

test("REC-1 what turns lend spreads a word beyond what is here as it does here", () => {
  const all = makeLexicalIndex();
  // Forty sessions of five turns, all of one pattern.
  const turns = Array.from({ length: 200 }, (_, at) => (at % 5 === 2 ? "w1 w2 w3" : "w4 w5 w6"));
  for (const [at, text] of turns.entries()) all.add(at, bagOf(text), Math.floor(at / 5), at);
  const { scores } = all.score([idOf("w1")], new Uint8Array(200).fill(1), { everyone: true });
  const whole = {
    documents: 200,
    passages: 200,
    // What all borrow is what two sessions borrow, twenty times.
    length: 0,
    holding: () => 40,
    numberOf: (term: number) => (term === idOf("w1") ? 0 : -1),
  };
  const lent = makeLexicalIndex();
  const some = makeLexicalIndex({ ...whole, length: 600 + 40 * lentBy(5) });
  for (const [at, text] of turns.slice(0, 10).entries()) {
    some.add(at, bagOf(text), Math.floor(at / 5), at);
    lent.add(at, bagOf(text), Math.floor(at / 5), at);
  }
  const part = some.score([0], new Uint8Array(10).fill(1), { everyone: true });
  for (let at = 0; at < 10; at++) expect(part.scores[at]).toBeCloseTo(scores[at]!, 6);
});

/** What the turns of a session of so many, three words each, borrow from each other within three steps. */
const lentBy = (turns: number): number => {
  let sum = 0;
  for (let one = 0; one < turns; one++)
    for (let other = 0; other < turns; other++) {
      const distance = Math.abs(one - other);
      if (distance > 0 && distance <= 3) sum += 3 * (other < one ? 0.65 : 0.5) ** distance;
    }
  return sum;
};
