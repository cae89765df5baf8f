/**
 * The search index of one space for one kind of document (memories, or session chunks), in memory: facets, lexical
 * index and vectors, kept in step with the log by the engine. Every document is scored by every signal: no candidate
 * list, so filters never starve and the answer does not depend on a cut.
 */
import { analyze } from "../text/analyzer.ts";
import { decodeEntry } from "./entry.ts";
import { type FacetColumns, type FacetFilter, makeFacetColumns } from "./facet-columns.ts";
import { denseWeight, type Signals } from "./fuse.ts";
import { makeLexicalIndex, type Mask } from "./lexical-index.ts";
import { grown } from "./postings.ts";
import { pickBest, rank } from "./rank.ts";
import { tuning } from "./tuning.ts";
import type { VectorSet } from "./vector-set.ts";

export interface TimeRange {
  readonly from: number;
  readonly to: number;
}

export interface SearchRequest {
  /** Distinct lexicon numbers of the question's terms; −1 for one that no text holds. */
  readonly terms: readonly number[];
  readonly vector: Float32Array;
  readonly filter: FacetFilter | null;
  readonly asOf: number | null;
  readonly now: number;
  /** Times that the question names. */
  readonly times: readonly TimeRange[];
  /** How many of the best to return. */
  readonly best: number;
  /** Scores below this do not count. */
  readonly leastScore: number;
  /** True when time is up: the dense signal is then left out. */
  readonly outOfTime: () => boolean;
}

export interface Candidate {
  readonly doc: number;
  readonly owner: number;
  readonly score: number;
  readonly signals: Signals;
}

export interface SearchResult {
  readonly candidates: readonly Candidate[];
  readonly total: number;
  readonly partial: boolean;
}

export interface SearchIndex {
  readonly add: (doc: number, entry: Uint8Array, from: number, to: number) => void;
  readonly addVector: (doc: number, bytes: Uint8Array, scale: number) => void;
  /** The document is no longer current since `to`; it answers questions about the time before. */
  readonly close: (doc: number, to: number) => void;
  /** The document is gone for good. */
  readonly erase: (doc: number) => void;
  readonly search: (request: SearchRequest) => SearchResult;
  /** Whether any document that is not erased holds the term or facet value. */
  readonly holds: (name: number) => boolean;
  /** Owners of the documents around one in its session, nearest `distance` on each side, in order. */
  readonly around: (doc: number, distance: number) => readonly number[];
  readonly documents: () => number;
  readonly bytes: () => number;
  readonly release: () => void;
}

/** Names of authors by lexicon number, and lexicon numbers of terms. */
export interface IndexLexicon {
  readonly nameOf: (id: number) => string;
  readonly idOf: (name: string) => number;
}

/** Numbers without gaps for lexicon numbers, from 1; 0 stays 0. */
interface Slots {
  readonly of: (name: number) => number;
  readonly known: (name: number) => boolean;
  /** One more than the largest slot. */
  readonly count: () => number;
}

const makeSlots = (): Slots => {
  const slots = new Map<number, number>([[0, 0]]);
  return {
    of: (name) => {
      const known = slots.get(name);
      if (known !== undefined) return known;
      slots.set(name, slots.size);
      return slots.size - 1;
    },
    known: (name) => slots.has(name),
    count: () => slots.size,
  };
};

export const makeSearchIndex = (vectors: VectorSet, lexicon: IndexLexicon): SearchIndex => {
  const facets: FacetColumns = makeFacetColumns();
  const lexical = makeLexicalIndex();
  let live: Mask = new Uint8Array(1024);
  let scratch: Mask = new Uint8Array(1024);
  let dense = new Float32Array(1024);
  let base = new Float32Array(1024);
  let docs = 0;
  // By document: how far its cosine counts, and its session and author in numbers without gaps (0 is "none").
  let denseShare = new Float32Array(1024);
  let sessionSlot = new Int32Array(1024);
  let authorSlot = new Int32Array(1024);
  const sessionSlots = makeSlots();
  const authorSlots = makeSlots();
  const authorsByTerm = new Map<number, Set<number>>();

  const noteAuthor = (author: number): void => {
    for (const term of analyze(lexicon.nameOf(author).slice(2))) {
      const id = lexicon.idOf(term);
      if (id < 0) continue;
      const named = authorsByTerm.get(id) ?? new Set();
      authorsByTerm.set(id, named.add(authorSlots.of(author)));
    }
  };

  /** 1 at the slot of each author whom the question names; null when it names none. */
  const namedAuthors = (terms: readonly number[]): Uint8Array | null => {
    let named: Uint8Array | null = null;
    for (const term of terms) {
      for (const slot of authorsByTerm.get(term) ?? []) {
        named ??= new Uint8Array(authorSlots.count());
        named[slot] = 1;
      }
    }
    return named;
  };

  /** What the question may see at all: what is current, or was at `asOf`, and has not expired. */
  const populationOf = ({ asOf, now }: SearchRequest): Mask => {
    if (asOf === null && !facets.anyExpires()) return live;
    const mask = new Uint8Array(live.length);
    if (asOf === null) mask.set(live);
    else facets.maskAsOf(mask, docs, asOf);
    facets.hideExpired(mask, asOf ?? now);
    return mask;
  };

  /** The mean of each session's best lexical scores, by slot; null when no session matched. */
  const sessionScores = (matched: Int32Array, scores: Float32Array): Float32Array | null => {
    const slots = sessionSlots.count();
    if (slots === 1) return null;
    const kept = tuning.sessionBest;
    const best = new Float32Array(slots * kept);
    for (const doc of matched) {
      const slot = sessionSlot[doc]!;
      if (slot === 0) continue;
      // Insertion into the session's few best, in falling order.
      let value = scores[doc]!;
      for (let at = slot * kept; at < (slot + 1) * kept; at++) {
        const held = best[at]!;
        if (value <= held) continue;
        best[at] = value;
        value = held;
      }
    }
    const means = new Float32Array(slots);
    for (let slot = 1; slot < slots; slot++) {
      for (let at = slot * kept; at < (slot + 1) * kept; at++) means[slot]! += best[at]! / kept;
    }
    return means;
  };

  const inTimes = (doc: number, times: readonly TimeRange[]): 0 | 1 => {
    const event = facets.eventAt(doc);
    return times.some(({ from, to }) => event >= from && event < to) ? 1 : 0;
  };

  const search: SearchIndex["search"] = (request) => {
    const population = populationOf(request);
    const { scores, matched } = lexical.score(request.terms, population);
    let mask = population;
    if (request.filter !== null) {
      scratch.set(population.subarray(0, docs));
      mask = scratch;
      facets.narrow(mask, docs, request.filter);
    }
    const partial = request.outOfTime();
    const authors = namedAuthors(request.terms);
    const sessions = sessionScores(matched, scores);
    const { times } = request;
    base.set(scores.subarray(0, docs));
    if (authors !== null) for (let doc = 0; doc < docs; doc++) base[doc]! += tuning.author * authors[authorSlot[doc]!]!;
    if (sessions !== null) {
      for (let doc = 0; doc < docs; doc++) base[doc]! += tuning.session * sessions[sessionSlot[doc]!]!;
    }
    if (times.length > 0) for (let doc = 0; doc < docs; doc++) base[doc]! += tuning.time * inTimes(doc, times);
    const ranking = {
      docs,
      mask,
      base,
      share: denseShare,
      dense,
      query: request.vector,
      least: request.leastScore,
      best: request.best,
    };
    if (partial) dense.fill(0, 0, docs);
    const { best, total } = partial ? pickBest(ranking) : rank(vectors, ranking);
    const candidates = best.map(({ item: doc, score }) => ({
      doc,
      owner: facets.owner(doc),
      score,
      signals: {
        lexical: scores[doc]!,
        dense: dense[doc]!,
        ownTerms: lexical.ownTerms(doc),
        author: authors?.[authorSlot[doc]!] ?? 0,
        session: sessions?.[sessionSlot[doc]!] ?? 0,
        time: inTimes(doc, times),
      },
    }));
    return { candidates, total, partial };
  };

  return {
    add: (doc, entry, from, to) => {
      const decoded = decodeEntry(entry);
      docs = Math.max(docs, doc + 1);
      live = grown(live, docs);
      scratch = grown(scratch, live.length);
      dense = grown(dense, live.length);
      base = grown(base, live.length);
      facets.set(doc, decoded.facets, from, to);
      lexical.add(
        doc,
        decoded.bag,
        decoded.facets.session === 0 ? -1 : decoded.facets.session,
        decoded.facets.position,
      );
      denseShare = grown(denseShare, live.length);
      sessionSlot = grown(sessionSlot, live.length);
      authorSlot = grown(authorSlot, live.length);
      denseShare[doc] = denseWeight(lexical.ownTerms(doc));
      sessionSlot[doc] = sessionSlots.of(decoded.facets.session);
      const { author } = decoded.facets;
      if (author !== 0 && !authorSlots.known(author)) noteAuthor(author);
      authorSlot[doc] = authorSlots.of(author);
      live[doc] = 1;
      if (to !== Number.POSITIVE_INFINITY) {
        live[doc] = 0;
        lexical.close(doc);
      }
    },
    addVector: (doc, bytes, scale) => vectors.add(doc, bytes, scale),
    close: (doc, to) => {
      live[doc] = 0;
      facets.close(doc, to);
      lexical.close(doc);
    },
    erase: (doc) => {
      if (doc >= docs) return;
      live[doc] = 0;
      facets.erase(doc);
      lexical.close(doc);
      vectors.remove(doc);
    },
    search,
    holds: (name) => {
      // A facet's value is no term, and a term no facet's value (`facetName`): one of the two ways is enough.
      if (lexicon.nameOf(name).startsWith("\u0001")) return facets.uses(name, docs);
      let held = false;
      lexical.eachHolder(name, (doc) => {
        held ||= !facets.erased(doc);
      });
      return held;
    },
    around: (doc, distance) => lexical.neighbours(doc, distance).map((other) => facets.owner(other)),
    documents: () => docs,
    bytes: () => lexical.bytes() + live.byteLength * 60,
    release: () => vectors.release(),
  };
};
