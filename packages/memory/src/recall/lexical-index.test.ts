import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { encodeBag, makeBag } from "./bag.ts";
import { makeLexicalIndex } from "./lexical-index.ts";
import { type PlainDoc, plainScores } from "./plain-scores.fixture.ts";

const term = fc.integer({ min: 1, max: 9 });
const text = fc.oneof(
  { weight: 4, arbitrary: fc.array(term, { maxLength: 12 }) },
  { weight: 1, arbitrary: fc.array(term, { minLength: 50, maxLength: 160, size: "max" }) },
);
const steps = fc.array(
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({
        terms: text,
        extra: fc.array(term, { maxLength: 2 }),
        session: fc.integer({ min: -1, max: 2 }),
        position: fc.nat(5),
      }),
    },
    { weight: 1, arbitrary: fc.record({ close: fc.nat() }) },
  ),
  { maxLength: 25 },
);

describe("the lexical index", () => {
  test("REC-1 scores as the formula says, whatever came, went and stood beside it", () => {
    fc.assert(
      fc.property(
        steps,
        fc.uniqueArray(fc.integer({ min: -1, max: 10 }), { maxLength: 5 }),
        fc.boolean(),
        (list, question, past) => {
          const index = makeLexicalIndex();
          const docs: PlainDoc[] = [];
          for (const step of list) {
            if ("close" in step) {
              const doc = step.close % Math.max(1, docs.length);
              if (docs[doc] === undefined) continue;
              index.close(doc);
              docs[doc] = { ...docs[doc], live: false };
            } else {
              const bag = makeBag(step.terms.map(String), step.extra.map(String), Number);
              index.add(docs.length, encodeBag(bag), step.session, step.position);
              docs.push({ ...step, live: true });
            }
          }
          // A question about the past may see what is closed by now.
          const population = docs.map(({ live }) => live || past);
          const mask = new Uint8Array(Math.max(1_024, docs.length));
          for (const [doc, seen] of population.entries()) mask[doc] = seen ? 1 : 0;
          const expected = plainScores(docs, question, population);
          for (let again = 0; again < 2; again++) {
            const { scores } = index.score(question, mask, {
              everyone: population.every((seen, doc) => seen === docs[doc]!.live),
            });
            for (const [doc, value] of expected.entries()) expect(Math.abs(scores[doc]! - value)).toBeLessThan(1e-5);
          }
          for (const [doc, { terms }] of docs.entries()) expect(index.ownTerms(doc)).toBe(terms.length);
        },
      ),
      { numRuns: 300 },
    );
  });

  test("REC-1 scores the past as the formula says also where nothing is current any more", () => {
    const index = makeLexicalIndex();
    const docs = [Array<number>(50).fill(1), [1]];
    for (const [doc, terms] of docs.entries())
      index.add(doc, encodeBag(makeBag(terms.map(String), [], Number)), 0, 1 - doc);
    for (const doc of docs.keys()) index.close(doc);
    const expected = plainScores(
      docs.map((terms, doc) => ({ terms, extra: [], session: 0, position: 1 - doc, live: false })),
      [1],
      [true, true],
    );
    const { scores } = index.score([1], new Uint8Array(1_024).fill(1));
    for (const [doc, value] of expected.entries()) expect(scores[doc]).toBeCloseTo(value, 5);
  });

  test("REC-1 never scores beyond 1", () => {
    const index = makeLexicalIndex();
    const mask = new Uint8Array(1_024).fill(1);
    index.add(0, encodeBag(makeBag(Array<string>(59).fill("1"), [], Number)), -1, 0);
    expect(index.score([1], mask).scores[0]).toBeLessThanOrEqual(1);
    expect(index.score([1], mask).scores[0]).toBeGreaterThan(0.5);
  });

  test("ENG-3 an erased text leaves no trace in how rare a word is", () => {
    fc.assert(
      fc.property(fc.array(text, { minLength: 1, maxLength: 8 }), fc.nat(), (texts, at) => {
        const [erased, without] = [makeLexicalIndex(), makeLexicalIndex()];
        const gone = at % texts.length;
        for (const [doc, terms] of texts.entries()) {
          const bag = encodeBag(makeBag(terms.map(String), [], Number));
          erased.add(doc, bag, -1, 0);
          if (doc !== gone) without.add(doc, bag, -1, 0);
        }
        erased.close(gone);
        erased.erase(gone);
        for (let word = 0; word <= 10; word++) expect(erased.rarity(word)).toBe(without.rarity(word));
      }),
    );
  });
});
