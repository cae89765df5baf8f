import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { heuristicRerank, type RerankCandidate, rerankWeights, sumOf } from "./heuristic-rerank.ts";

const turn = (id: string, author: string, content: string) => ({ id, author, content });
const candidate = (content: string, more: Partial<RerankCandidate> = {}): RerankCandidate => ({
  id: content,
  content,
  author: "Ann",
  score: 0.2,
  before: null,
  ...more,
});

/** Contents of the candidates, the best first. */
const order = (question: string, candidates: readonly RerankCandidate[]): readonly string[] => {
  const sums = heuristicRerank(question, candidates).map(sumOf);
  return candidates
    .map(({ content }, at) => ({ content, sum: sums[at]! }))
    .toSorted((a, b) => b.sum - a.sum)
    .map(({ content }) => content);
};

describe("the heuristic reranking", () => {
  test("REC-4 lifts the turn that answers a question like the asked one", () => {
    const question = turn("q", "Bo", "Which instrument do you play, Ann?");
    const answer = candidate("The oboe, since school!", { before: question });
    const other = candidate("We went to the lake.", { before: turn("p", "Bo", "Lovely weather these days.") });
    const asked = candidate(question.content, { id: "q", author: "Bo", score: 0.5 });
    expect(order("Which instrument does Ann play?", [asked, other, answer])).toEqual([
      question.content,
      "The oboe, since school!",
      "We went to the lake.",
    ]);
    const [, plain, lifted] = heuristicRerank("Which instrument does Ann play?", [asked, other, answer]);
    expect(plain).toMatchObject({ reply: { raw: 0 }, replyWords: { raw: 0 } });
    expect(lifted?.reply).toEqual({ raw: 0.5, weight: rerankWeights.reply, contribution: 0.5 * rerankWeights.reply });
    expect(lifted?.replyWords.raw).toBeGreaterThan(0.5);
  });

  test.each([
    ["the same person goes on", turn("q", "Ann", "Which instrument do you play?")],
    ["nothing was asked", turn("q", "Bo", "You play an instrument.")],
    [
      "what was asked came with news of its own",
      turn(
        "q",
        "Bo",
        "Yesterday my cousin Carla brought her red accordion along to the harbour festival where forty musicians performed. Which instrument do you play?",
      ),
    ],
  ])("REC-4 lifts no turn as an answer where %s", (_why, before) => {
    const [signals] = heuristicRerank("Which instrument does Ann play?", [candidate("The oboe!", { before })]);
    expect(signals).toMatchObject({ reply: { raw: 0 }, replyWords: { raw: 0 } });
  });

  test("REC-4 reads a question with an aside, and in other scripts", () => {
    for (const content of ["Which instrument? (smiles)", "Which instrument？", "“Which instrument?”"]) {
      const [signals] = heuristicRerank("Which instrument?", [
        candidate("The oboe!", { before: turn("q", "Bo", content) }),
        candidate("An instrument."),
      ]);
      expect([content, signals?.replyWords.raw]).toEqual([content, 1]);
    }
  });

  test.each([
    ["When did Ann move?", "Ann moved last week.", "Ann moved house."],
    ["How many cats are there?", "There are three cats.", "There are cats."],
    ["How long did Ann stay?", "Ann stayed for two weeks.", "Ann stayed in 12b."],
    ["Where does Ann live?", "She lives in Porto now.", "She lives alone now."],
  ])("REC-4 to %j prefers a text that holds such a thing", (question, holds, lacks) => {
    expect(order(question, [candidate(lacks), candidate(holds)])).toEqual([holds, lacks]);
    const long = `${holds} ${"filler words of every kind ".repeat(20)}`;
    const [short, diluted] = heuristicRerank(question, [candidate(holds), candidate(long)]);
    expect(short?.cue.raw).toBe(1);
    expect(diluted?.cue.raw).toBeLessThan(0.5);
    expect(diluted?.cue.raw).toBeGreaterThan(0);
  });

  test("REC-4 prefers words that stand together, and phrases in quotation marks to the letter", () => {
    const near = "The copper kettle is on the stove.";
    const far = `The copper mine closed. ${"Years went by in silence there. ".repeat(5)}A kettle whistled.`;
    expect(order("copper kettle", [candidate(far), candidate(near)])).toEqual([near, far]);
    const exact = "He said: Never  Again!";
    const loose = "Again and never once more.";
    const [first, second] = heuristicRerank('who said "never again"', [candidate(exact), candidate(loose)]);
    expect([first?.phrase.raw, second?.phrase.raw]).toEqual([1, 0]);
  });

  test("REC-4 adds up, lowers no score, and does not depend on the order of the candidates", () => {
    const words = fc.array(fc.constantFrom("cat", "red", "sofa?", "when", "two", "weeks.", "Porto", "Ann", "“a b”"), {
      maxLength: 12,
    });
    const text = words.map((list) => list.join(" "));
    const author = fc.constantFrom("Ann", "Bo", null);
    const before = fc.option(fc.record({ id: fc.constantFrom("0", "1", "2", "x"), author, content: text }));
    const candidates = fc
      .array(fc.record({ content: text, author, score: fc.double({ min: 0, max: 2, noNaN: true }), before }), {
        maxLength: 8,
      })
      .map((list) => list.map((one, at): RerankCandidate => ({ ...one, id: String(at) })));
    fc.assert(
      fc.property(text, candidates, (question, list) => {
        const signals = heuristicRerank(question, list);
        for (const [at, own] of signals.entries()) {
          const parts = Object.values(own);
          expect(own.first).toEqual({ raw: list[at]!.score, weight: 1, contribution: list[at]!.score });
          for (const { raw, weight, contribution } of parts) {
            expect(contribution).toBe(raw * weight);
            expect(raw).toBeGreaterThanOrEqual(0);
          }
          for (const { raw } of parts.slice(1)) expect(raw).toBeLessThanOrEqual(2);
          expect(sumOf(own)).toBeGreaterThanOrEqual(list[at]!.score);
        }
        expect(heuristicRerank(question, list.toReversed())).toEqual(signals.toReversed());
      }),
    );
  });

  test("REC-4 is total and quick on long and odd texts", () => {
    const odd = [
      "",
      "?",
      "\ud800?",
      "a".repeat(50_000),
      "? ".repeat(25_000),
      `${"(".repeat(25_000)}?`,
      '"'.repeat(9_999),
    ];
    const candidates = Array.from({ length: 100 }, (_, at) =>
      candidate(odd[at % odd.length]!, {
        id: String(at),
        before: turn(String(at - 1), "Bo", odd[(at + 3) % odd.length]!),
      }),
    );
    for (const question of [...odd.map((text) => text.slice(0, 10_000)), "when word ".repeat(999)]) {
      expect(heuristicRerank(question, candidates).every((signals) => Number.isFinite(sumOf(signals)))).toBe(true);
    }
    expect(heuristicRerank("what", [])).toEqual([]);
  });
});
