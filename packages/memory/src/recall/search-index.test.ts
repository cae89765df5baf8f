import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { encodeBag, makeBag } from "./bag.ts";
import { encodeEntry, type Facets, facetName } from "./entry.ts";
import type { FacetFilter } from "./facet-columns.ts";
import { denseWeight, fuse, raised } from "./fuse.ts";
import { plainScores } from "./plain-scores.fixture.ts";
import { makeSearchIndex, type SearchRequest, type TimeRange } from "./search-index.ts";
import { tuning } from "./tuning.ts";
import type { VectorSet } from "./vector-set.ts";

// So that a handful of documents is a large space too.
vi.mock(import("./tuning.ts"), async (original) => {
  const { tuning: real } = await original();
  return { tuning: { ...real, sketchFrom: 12 as never } };
});

const authors = ["alba", "bruno", "chloe"] as const;
const authorId = (at: number): number => (at < 0 ? 0 : 20 + at);
const authorTerm = (at: number): number => 40 + at;
const lexicon = {
  nameOf: (id: number) => (authors[id - 20] === undefined ? `t${id}` : facetName("author", authors[id - 20]!)),
  idOf: (name: string) => (authors.includes(name as never) ? authorTerm(authors.indexOf(name as never)) : -1),
};

interface Doc {
  readonly terms: readonly number[];
  readonly author: number;
  readonly session: number;
  readonly position: number;
  readonly eventAt: number;
  readonly expiresAt: number;
  readonly tags: readonly number[];
  readonly entities: readonly number[];
  readonly category: number;
  readonly trust: number;
  readonly quarantined: boolean;
  readonly asks: boolean;
  readonly tellsTime: boolean;
  readonly cosine: number;
}

const rarely = <T>(value: fc.Arbitrary<T>, otherwise: T): fc.Arbitrary<T> =>
  fc.oneof({ weight: 5, arbitrary: fc.constant(otherwise) }, { weight: 1, arbitrary: value });
const docs = fc.array(
  fc.record({
    terms: fc.oneof(
      { weight: 6, arbitrary: fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 20 }) },
      {
        weight: 1,
        arbitrary: fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 61, maxLength: 130, size: "max" }),
      },
    ),
    author: fc.integer({ min: -1, max: 2 }),
    session: fc.integer({ min: -1, max: 2 }),
    position: fc.nat(5),
    eventAt: fc.nat(100),
    expiresAt: rarely(fc.nat(2_000), Number.NaN),
    tags: fc.uniqueArray(fc.integer({ min: 50, max: 53 }), { maxLength: 2 }),
    entities: fc.uniqueArray(fc.integer({ min: 60, max: 62 }), { maxLength: 2 }),
    category: fc.integer({ min: 70, max: 72 }),
    trust: fc.nat(3),
    quarantined: rarely(fc.constant(true), false),
    asks: fc.boolean(),
    tellsTime: fc.boolean(),
    cosine: fc.double({ min: 0, max: 1, noNaN: true }),
  }),
  { maxLength: 60, size: "max" },
);

/** Ends of documents: `at` is when, `whole` whether for good. */
const endings = fc.array(fc.record({ doc: fc.nat(), at: fc.nat(2_000), whole: fc.boolean() }), { maxLength: 8 });

const filter: fc.Arbitrary<FacetFilter> = fc.record(
  {
    author: fc.integer({ min: 20, max: 23 }),
    session: fc.integer({ min: 30, max: 33 }),
    category: fc.integer({ min: 70, max: 73 }),
    entity: fc.integer({ min: 60, max: 63 }),
    mostTrust: fc.nat(3),
    after: fc.nat(100),
    before: fc.nat(100),
    tags: fc.uniqueArray(fc.integer({ min: 50, max: 54 }), { maxLength: 2 }),
    anyTag: fc.boolean(),
  },
  { requiredKeys: [] },
);

const question = fc.record({
  terms: fc.uniqueArray(fc.oneof(fc.integer({ min: -1, max: 10 }), fc.integer({ min: 40, max: 42 })), { maxLength: 5 }),
  filter: fc.option(filter),
  asOf: rarely(fc.nat(2_000), null as number | null),
  now: fc.nat(2_000),
  includeQuarantined: fc.boolean(),
  asksForTime: fc.boolean(),
  vectorFloor: fc.constantFrom(0, 0.3),
  times: rarely<readonly TimeRange[]>(fc.constant([{ from: 20, to: 60 }]), []),
  best: fc.integer({ min: 1, max: 20 }),
  leastScore: rarely(fc.double({ min: 0, max: 0.6, noNaN: true }), 0),
});

/** Cosines as they were given; estimates are wrong by up to the margin that they may be. */
const givenVectors = (cosineOf: (doc: number) => number): VectorSet => {
  const each = (mask: Uint8Array, count: number, out: Float32Array, value: (doc: number) => number): void => {
    for (let doc = 0; doc < count; doc++) out[doc] = mask[doc] === 1 ? value(doc) : 0;
  };
  const estimate = (doc: number): number =>
    Math.max(0, cosineOf(doc) + (((doc * 7_919) % 21) / 10 - 1) * 0.99 * tuning.sketchMargin);
  return {
    add: () => undefined,
    remove: () => undefined,
    scan: (_query, mask, count, out) => each(mask, count, out, cosineOf),
    sketch: (_query, mask, count, out) => each(mask, count, out, estimate),
    rescore: (_query, wanted, out) => {
      for (const doc of wanted) out[doc] = cosineOf(doc);
    },
    rows: () => 0,
    release: () => undefined,
  };
};

const plainFacets = (doc: number): Facets => ({
  owner: doc,
  trust: 0,
  author: 0,
  session: 0,
  position: 0,
  category: 0,
  source: 0,
  key: 0,
  eventAt: 0,
  expiresAt: Number.NaN,
  tags: [],
  entities: [],
});

const startOf = (doc: number): number => doc * 20;

describe("the search index", () => {
  test("REC-1 REC-2 ENG-7 finds what scoring every document by the plain formula finds, whatever is asked", () => {
    const passes = (one: Doc, wanted: FacetFilter | null): boolean => {
      if (wanted === null) return true;
      const { tags = [] } = wanted;
      return (
        (wanted.author === undefined || authorId(one.author) === wanted.author) &&
        (wanted.session === undefined || (one.session < 0 ? 0 : 30 + one.session) === wanted.session) &&
        (wanted.category === undefined || one.category === wanted.category) &&
        (wanted.entity === undefined || one.entities.includes(wanted.entity)) &&
        (wanted.mostTrust === undefined || one.trust <= wanted.mostTrust) &&
        (wanted.after === undefined || one.eventAt >= wanted.after) &&
        (wanted.before === undefined || one.eventAt < wanted.before) &&
        (tags.length === 0 ||
          (wanted.anyTag === true
            ? tags.some((tag) => one.tags.includes(tag))
            : tags.every((tag) => one.tags.includes(tag))))
      );
    };
    fc.assert(
      fc.property(docs, endings, fc.array(question, { minLength: 1, maxLength: 3 }), (list, ends, asked) => {
        const index = makeSearchIndex(
          givenVectors((doc) => list[doc]?.cosine ?? 0),
          lexicon,
        );
        const endOf = list.map(() => Number.POSITIVE_INFINITY);
        for (const [doc, one] of list.entries()) {
          const { terms, cosine: _cosine, author, session, ...rest } = one;
          const facets: Facets = {
            ...rest,
            owner: doc,
            author: authorId(author),
            session: session < 0 ? 0 : 30 + session,
            source: 0,
            key: 0,
          };
          const bag = encodeBag(makeBag(terms.map(String), [], Number));
          index.add(doc, encodeEntry(facets, bag), startOf(doc), Number.POSITIVE_INFINITY);
        }
        for (const { doc: which, at, whole } of list.length === 0 ? [] : ends) {
          const doc = which % list.length;
          if (endOf[doc] !== Number.POSITIVE_INFINITY) continue;
          endOf[doc] = whole ? Number.NEGATIVE_INFINITY : at;
          if (whole) index.erase(doc);
          else index.close(doc, at);
        }
        for (const given of asked) {
          const request: SearchRequest = { ...given, vector: new Float32Array(1), outOfTime: () => false };
          const { candidates, total, partial } = index.search(request);
          const time = given.asOf ?? given.now;
          const population = list.map((one, doc) => {
            const stands =
              given.asOf === null
                ? endOf[doc] === Number.POSITIVE_INFINITY
                : startOf(doc) <= given.asOf && given.asOf < endOf[doc]!;
            return stands && !(one.expiresAt <= time) && (!one.quarantined || given.includeQuarantined);
          });
          const words = plainScores(
            list.map((one, doc) => ({
              ...one,
              extra: [],
              session: one.quarantined ? -1 : one.session,
              live: endOf[doc] === Number.POSITIVE_INFINITY,
            })),
            given.terms,
            population,
          );
          const replied = (doc: number): number => {
            const { session, author } = list[doc]!;
            if (session < 0) return 0;
            const row = list
              .map((one, at) => ({ ...one, at }))
              .filter((one) => one.session === session && !one.quarantined)
              .filter(({ at }) => endOf[at] === Number.POSITIVE_INFINITY)
              .toSorted((a, b) => a.position - b.position || a.at - b.at);
            const here = row.findIndex(({ at }) => at === doc);
            const question = row[here - 1];
            if (here < 1 || question === undefined || !question.asks) return 0;
            if (question.terms.length > tuning.replyTerms) return 0;
            return question.author >= 0 && question.author === author ? 0 : words[question.at]!;
          };
          const ofSession = (session: number): number => {
            const scores = words.filter((_, doc) => list[doc]!.session === session).toSorted((a, b) => b - a);
            return scores.slice(0, tuning.sessionBest).reduce((sum, one) => sum + one, 0) / tuning.sessionBest;
          };
          const expected = list
            .flatMap((one, doc) => {
              if (population[doc] !== true || !passes(one, given.filter)) return [];
              const named = one.author >= 0 && given.terms.includes(authorTerm(one.author)) ? 1 : 0;
              const timely = given.times.some(({ from, to }) => one.eventAt >= from && one.eventAt < to) ? 1 : 0;
              const score =
                words[doc]! +
                denseWeight(one.terms.length) * raised(one.cosine, given.vectorFloor) +
                tuning.reply * replied(doc) +
                tuning.timeCue * (given.asksForTime && one.tellsTime ? 1 : 0) +
                tuning.author * named +
                tuning.session * (one.session < 0 ? 0 : ofSession(one.session)) +
                tuning.time * timely;
              return [{ doc, score }];
            })
            .toSorted((a, b) => b.score - a.score || b.doc - a.doc);
          const reaching = expected.filter(({ score }) => score >= given.leastScore - 1e-5);
          const surely = expected.filter(({ score }) => score >= given.leastScore + 1e-5);
          expect(partial).toBe(false);
          // Filters never starve: everything that there is comes back, up to the limit.
          expect(candidates.length).toBeGreaterThanOrEqual(Math.min(given.best, surely.length));
          expect(candidates.length).toBeLessThanOrEqual(Math.min(given.best, reaching.length));
          if (list.length < tuning.sketchFrom) expect(total).toBeGreaterThanOrEqual(surely.length);
          const scoreOf = new Map(expected.map(({ doc, score }) => [doc, score]));
          for (const [rank, { doc, score }] of candidates.entries()) {
            expect(Math.abs(score - (scoreOf.get(doc) ?? Number.NaN))).toBeLessThan(1e-5);
            expect(Math.abs(score - (expected[rank]?.score ?? Number.NaN))).toBeLessThan(1e-5);
          }
          expect(index.search(request)).toEqual({ candidates, total, partial });
        }
      }),
      { numRuns: 250 },
    );
  });

  test("REC-1 asks again with what the best of the first answer teach, and says how far that counts", () => {
    const index = makeSearchIndex(
      givenVectors(() => 0),
      lexicon,
    );
    const entries = new Map<number, Uint8Array>();
    // 1 is asked for; 2 goes with it in the best answer, and so it does in one of two that are equal otherwise.
    const texts = [
      [1, 1, 2],
      [1, 2, 5],
      [1, 4, 6],
      [2, 7, 4],
      [4, 8, 9],
    ];
    for (const [doc, terms] of texts.entries()) {
      entries.set(doc, encodeEntry(plainFacets(doc), encodeBag(makeBag(terms.map(String), [], Number))));
      index.add(doc, entries.get(doc)!, 0, Number.POSITIVE_INFINITY);
    }
    const request: SearchRequest = {
      terms: [1],
      vector: new Float32Array(1),
      filter: null,
      asOf: null,
      now: 0,
      times: [],
      best: 5,
      leastScore: 1e-6,
      outOfTime: () => false,
    };
    expect(index.search(request).candidates.map(({ doc }) => doc)).toEqual([0, 2, 1]);
    const again = index.search({ ...request, entryOf: (doc) => entries.get(doc) ?? null });
    // What shares no word with the question stays out, whatever it shares with the answer.
    expect(again.candidates.map(({ doc }) => doc)).toEqual([0, 1, 2]);
    expect(again.candidates[1]!.signals.feedback).toBeGreaterThan(0);
    for (const { score, signals } of again.candidates) {
      expect(signals.feedbackWeight).toBe(tuning.feedback);
      expect(score).toBeCloseTo(fuse(signals), 6);
    }
    expect(index.search({ ...request, entryOf: () => null }).candidates.map(({ doc }) => doc)).toEqual([0, 2, 1]);
  });

  test("REC-6 answers by words, and says so, when no time is left for more", () => {
    const index = makeSearchIndex(
      givenVectors(() => 1),
      lexicon,
    );
    for (let doc = 0; doc < 40; doc++) {
      const bag = encodeBag(makeBag([String(1 + (doc % 4)), "9"], [], Number));
      index.add(doc, encodeEntry(plainFacets(doc), bag), 0, Number.POSITIVE_INFINITY);
    }
    const request: SearchRequest = {
      terms: [2, 3],
      vector: new Float32Array(1),
      filter: null,
      asOf: null,
      now: 0,
      times: [],
      best: 30,
      leastScore: 0.01,
      outOfTime: () => true,
    };
    const { candidates, partial } = index.search(request);
    expect(partial).toBe(true);
    expect(candidates.length).toBeGreaterThanOrEqual(10);
    for (const { doc, signals } of candidates) {
      expect([1, 2]).toContain(doc % 4);
      expect(signals.dense).toBe(0);
    }
    // Time that runs out on the way costs the cosines alone, or their last digits.
    const later = index.search({ ...request, outOfTime: (ahead = 0) => ahead > 0 });
    expect(later.partial).toBe(true);
    const found = (which: number): number => later.candidates.filter(({ doc }) => doc % 4 === which).length;
    expect([found(0), found(1), found(2), found(3)]).toEqual([0, 10, 10, 0]);
  });
});
