/**
 * The search index of one space for one kind of document (memories, or session chunks), in memory: facets, lexical
 * index and vectors, kept in step with the log by the engine. Every document is scored by every signal: no candidate
 * list, so filters never starve and the answer does not depend on a cut. Small spaces are asked
 * twice: the second time with what the best of the first answer teach (feedback.ts).
 */
import { analyze } from "../text/analyzer.ts";
import { decodeEntry } from "./entry.ts";
import { type FacetColumns, type FacetFilter, makeFacetColumns } from "./facet-columns.ts";
import { feedbackTerms, feedbackWeight } from "./feedback.ts";
import { denseWeight, type Signals } from "./fuse.ts";
import { makeLexicalIndex } from "./lexical-index.ts";
import type { Mask } from "./lexical-signal.ts";
import { firstCapacity, grown } from "./postings.ts";
import { type Ranking, rank, type RankRequest } from "./rank.ts";
import { sessionMeans } from "./session-means.ts";
import { makeSlots } from "./slots.ts";
import { tuning } from "./tuning.ts";
import type { VectorSet } from "./vector-set.ts";
import type { WholeSpace } from "./whole-space.ts";

export interface TimeRange {
  readonly from: number;
  readonly to: number;
}

export interface SearchRequest {
  /** Distinct lexicon numbers of the question's terms; −1 for one that no text holds. */
  readonly terms: readonly number[];
  readonly vector: Float32Array;
  /** The cosine that counts as none; absent: 0. */
  readonly vectorFloor?: number;
  /** Whether the question asks for a time. */
  readonly asksForTime?: boolean;
  /** The entry of a document, to ask again with what it teaches; absent: the question is asked once. */
  readonly entryOf?: (doc: number) => Uint8Array | null;
  readonly filter: FacetFilter | null;
  readonly asOf: number | null;
  readonly now: number;
  /** Whether what is held back may be found (MEM-11). */
  readonly includeQuarantined?: boolean;
  /** Times that the question names. */
  readonly times: readonly TimeRange[];
  /** How many of the best to return. */
  readonly best: number;
  /** Scores below this do not count. */
  readonly leastScore: number;
  /** Whether every cosine is computed, none estimated; absent: as the size of the space makes it worth. */
  readonly exact?: boolean;
  /** True when time is up, or will be in so many milliseconds: what has been found by then is the answer. */
  readonly outOfTime: (ahead?: number) => boolean;
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

const noMembers = new Int32Array(0);
/** Milliseconds that words get even when no time is left. */
const leastWordsMs = 3;

/** Names of authors by lexicon number, and lexicon numbers of terms. */
export interface IndexLexicon {
  readonly nameOf: (id: number) => string;
  readonly idOf: (name: string) => number;
}

/**
 * whole: of the space, for an index of some of its documents, which gives them the scores that an index of all would;
 * terms are then numbered by it, also those of the lexicon. Absent: all documents are here.
 */
export const makeSearchIndex = (vectors: VectorSet, lexicon: IndexLexicon, whole?: WholeSpace): SearchIndex => {
  const facets: FacetColumns = makeFacetColumns();
  const lexical = makeLexicalIndex(whole);
  let live: Mask = new Uint8Array(firstCapacity);
  let liveCount = 0;
  // Scratch of one question: what it may see at all, and what its filter leaves of that.
  let seen: Mask = new Uint8Array(firstCapacity);
  let scratch: Mask = new Uint8Array(firstCapacity);
  let dense = new Float32Array(firstCapacity);
  let base = new Float32Array(firstCapacity);
  let docs = 0;
  // By document: how far its cosine counts, and its session and author in numbers without gaps (0 is "none").
  let denseShare = new Float32Array(firstCapacity);
  let sessionSlot = new Int32Array(firstCapacity);
  let authorSlot = new Int32Array(firstCapacity);
  // What its text shows: whether it is a short question, and whether it tells a time.
  let asks = new Uint8Array(firstCapacity);
  const questions: number[] = [];
  /** What is current and has a session; null when that has changed. */
  let current: Int32Array | null = null;
  let tells = new Uint8Array(firstCapacity);
  // ℓ of the question, for as long as it is asked; while it is asked again, a copy.
  let words: Float32Array = new Float32Array(0);
  let kept = new Float32Array(firstCapacity);
  // The weights of cosines while it is asked again.
  let raisedShare = new Float32Array(firstCapacity);
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

  /** What the question may see at all: what is current, or was at `asOf`, has not expired and is not held back. */
  const populationOf = ({ asOf, now, includeQuarantined }: SearchRequest): Mask => {
    const hides = facets.anyQuarantined() && includeQuarantined !== true;
    if (asOf === null && !hides && !facets.anyExpired(live, docs, now)) return live;
    if (asOf === null) seen.set(live.subarray(0, docs));
    else facets.maskAsOf(seen, docs, asOf);
    facets.hideExpired(seen, docs, asOf ?? now);
    if (hides) facets.hideQuarantined(seen);
    return seen;
  };

  /** What the filter leaves of the population, and how much that is where it is known. */
  const narrowed = (population: Mask, filter: FacetFilter | null): { readonly mask: Mask; readonly count?: number } => {
    if (filter === null) return population === live ? { mask: live, count: liveCount } : { mask: population };
    scratch.set(population.subarray(0, docs));
    return { mask: scratch, count: facets.narrow(scratch, docs, filter) };
  };

  /**
   * The documents that have a session, among those that a question may see: kept where these are just what is current.
   * What is held back has a session too, though it stands outside.
   */
  const withSession = (everyone: boolean): Int32Array => {
    if (everyone && current !== null) return current;
    const found = new Int32Array(docs);
    let count = 0;
    if (!everyone || facets.anyQuarantined()) {
      for (let doc = 0; doc < docs; doc++) if (sessionSlot[doc] !== 0) found[count++] = doc;
      return found.subarray(0, count);
    }
    const { docAt, end } = lexical.inSessions();
    for (let at = 0; at < end; at++) if (docAt[at] !== 0) found[count++] = docAt[at]! - 1;
    current = found.slice(0, count);
    return current;
  };

  const inTimes = (doc: number, times: readonly TimeRange[]): 0 | 1 => {
    const event = facets.eventAt(doc);
    return times.some(({ from, to }) => event >= from && event < to) ? 1 : 0;
  };

  /** How many documents the space has had. */
  const numbered = (): number => whole?.documents ?? docs;
  /** The terms that are looked up: in a large space without those that nearly everything holds. */
  const tellingTerms = (terms: readonly number[]): readonly number[] => {
    if (numbered() < tuning.largeSpace) return terms;
    const telling = terms.filter((term) => term < 0 || lexical.shareOf(term) <= tuning.commonShare);
    return telling.some((term) => term >= 0) ? telling : terms;
  };

  /** Whether the document right after a short question is somebody's reply to it. */
  const isReply = (reply: number, question: number): boolean =>
    reply >= 0 && (authorSlot[question] === 0 || authorSlot[question] !== authorSlot[reply]);
  /** ℓ of the question that a document replies to; 0 for one that replies to none. */
  const replyOf = (doc: number): number => {
    const question = lexical.before(doc);
    return question >= 0 && asks[question] === 1 && isReply(doc, question) ? words[question]! : 0;
  };

  /** Everything but the cosine, by document: a slot's part is the same for all that are in it. */
  const baseOf = (
    { times, asksForTime }: SearchRequest,
    authors: Uint8Array | null,
    sessions: Float32Array | null,
    members: Int32Array,
    learns: boolean,
  ): Float32Array => {
    const plain = authors === null && sessions === null && times.length === 0 && asksForTime !== true;
    if (plain && !learns) return words;
    base.set(words.subarray(0, docs));
    if (sessions !== null) {
      const ofSession = sessions.map((mean) => tuning.session * mean);
      for (let member = 0; member < members.length; member++) {
        const doc = members[member]!;
        base[doc]! += ofSession[sessionSlot[doc]!]!;
      }
      for (const question of questions) {
        const worth = words[question]!;
        if (worth === 0) continue;
        const reply = lexical.after(question);
        if (isReply(reply, question)) base[reply]! += tuning.reply * worth;
      }
    }
    if (authors !== null) for (let doc = 0; doc < docs; doc++) base[doc]! += tuning.author * authors[authorSlot[doc]!]!;
    if (times.length > 0) for (let doc = 0; doc < docs; doc++) base[doc]! += tuning.time * inTimes(doc, times);
    if (asksForTime === true) for (let doc = 0; doc < docs; doc++) base[doc]! += tuning.timeCue * tells[doc]!;
    return base;
  };

  /**
   * Asks again with what the best documents teach, and raises the base and the weights of cosines by what that finds;
   * null when they teach nothing. The scores are valid until the next question.
   */
  const askAgain = (
    { terms, entryOf, outOfTime }: SearchRequest,
    { best }: Ranking,
    population: Mask,
  ): { readonly scores: Float32Array; readonly weight: number } | null => {
    const sources = best.flatMap(({ item, score }) => {
      const entry = entryOf?.(item) ?? null;
      return entry === null ? [] : [{ bag: decodeEntry(entry).bag, score }];
    });
    const taught = feedbackTerms(sources, new Set(terms), lexical.rarity);
    if (taught.length === 0 || outOfTime()) return null;
    const { scores, partial } = lexical.score(
      taught.map(({ term }) => term),
      population,
      { everyone: population === live, outOfTime, weights: taught.map(({ weight }) => weight) },
    );
    if (partial) return null;
    const weight = feedbackWeight(terms.length);
    for (let doc = 0; doc < docs; doc++) {
      const factor = 1 + weight * scores[doc]!;
      base[doc]! *= factor;
      raisedShare[doc] = denseShare[doc]! * factor;
    }
    return { scores, weight };
  };

  const search: SearchIndex["search"] = (request) => {
    const { outOfTime, times } = request;
    const population = populationOf(request);
    // Words are looked up even when time was up before: something is better than nothing.
    const wordsUntil = performance.now() + leastWordsMs;
    const wordsOutOfTime = (): boolean => outOfTime() && performance.now() > wordsUntil;
    const everyone = population === live;
    const { scores, partial: cut } = lexical.score(tellingTerms(request.terms), population, {
      everyone,
      outOfTime: wordsOutOfTime,
    });
    const learns = request.entryOf !== undefined && request.terms.length > 0 && !cut && numbered() < tuning.largeSpace;
    words = scores;
    if (learns) {
      kept.set(scores.subarray(0, docs));
      words = kept;
    }
    const authors = namedAuthors(request.terms);
    const members = sessionSlots.count() === 1 ? noMembers : withSession(everyone);
    const groups = sessionSlots.count();
    const sessions = groups === 1 ? null : sessionMeans(words, members, sessionSlot, groups);
    const ranking: RankRequest = {
      ...narrowed(population, request.filter),
      docs,
      base: baseOf(request, authors, sessions, members, learns),
      share: denseShare,
      dense,
      query: request.vector,
      cosineFloor: request.vectorFloor ?? 0,
      least: request.leastScore,
      best: request.best,
      ...(request.exact === true && { exact: true }),
      outOfTime: (ahead) => cut || outOfTime(ahead),
    };
    const first = learns
      ? rank(vectors, { ...ranking, least: Number.MIN_VALUE, best: tuning.feedbackDocuments })
      : null;
    const again = first === null || first.partial === true ? null : askAgain(request, first, population);
    const { best, total, partial } = rank(vectors, {
      ...ranking,
      share: again === null ? denseShare : raisedShare,
      again: first !== null && first.partial !== true,
    });
    const candidates = best.map(({ item: doc, score }) => ({
      doc,
      owner: facets.owner(doc),
      score,
      signals: {
        lexical: words[doc]!,
        dense: dense[doc]!,
        ownTerms: lexical.ownTerms(doc),
        author: authors?.[authorSlot[doc]!] ?? 0,
        session: sessions?.[sessionSlot[doc]!] ?? 0,
        time: inTimes(doc, times),
        reply: sessions === null ? 0 : replyOf(doc),
        timeCue: request.asksForTime === true ? tells[doc]! : 0,
        feedback: again?.scores[doc] ?? 0,
        feedbackWeight: again?.weight ?? 0,
      },
    }));
    return { candidates, total, partial: cut || partial === true };
  };

  const retire = (doc: number): void => {
    current = null;
    if (live[doc] === 1) liveCount--;
    live[doc] = 0;
    lexical.close(doc);
  };

  return {
    add: (doc, entry, from, to) => {
      const decoded = decodeEntry(entry);
      docs = Math.max(docs, doc + 1);
      live = grown(live, docs);
      seen = grown(seen, live.length);
      scratch = grown(scratch, live.length);
      dense = grown(dense, live.length);
      base = grown(base, live.length);
      kept = grown(kept, live.length);
      raisedShare = grown(raisedShare, live.length);
      asks = grown(asks, live.length);
      tells = grown(tells, live.length);
      facets.set(doc, decoded.facets, from, to);
      lexical.add(
        doc,
        decoded.bag,
        // What is held back stands outside its session: it lends no words and is nobody's neighbour.
        decoded.facets.session === 0 || decoded.facets.quarantined === true ? -1 : decoded.facets.session,
        decoded.facets.position,
      );
      denseShare = grown(denseShare, live.length);
      sessionSlot = grown(sessionSlot, live.length);
      authorSlot = grown(authorSlot, live.length);
      denseShare[doc] = denseWeight(lexical.ownTerms(doc));
      if (decoded.facets.asks === true && lexical.ownTerms(doc) <= tuning.replyTerms) {
        asks[doc] = 1;
        questions.push(doc);
      }
      tells[doc] = decoded.facets.tellsTime === true ? 1 : 0;
      sessionSlot[doc] = sessionSlots.of(decoded.facets.session);
      const { author } = decoded.facets;
      if (author !== 0 && !authorSlots.known(author)) noteAuthor(author);
      authorSlot[doc] = authorSlots.of(author);
      current = null;
      live[doc] = 1;
      liveCount++;
      if (to !== Number.POSITIVE_INFINITY) retire(doc);
    },
    addVector: (doc, bytes, scale) => vectors.add(doc, bytes, scale),
    close: (doc, to) => {
      retire(doc);
      facets.close(doc, to);
    },
    erase: (doc) => {
      if (doc >= docs) return;
      retire(doc);
      lexical.erase(doc);
      facets.erase(doc);
      vectors.remove(doc);
    },
    search,
    holds: (name) => {
      // A facet's value is no term, and a term no facet's value (`facetName`): one of the two ways is enough.
      if (lexicon.nameOf(name).startsWith("\u0001")) return facets.uses(name, docs);
      return lexical.someHolder(name, (doc) => !facets.erased(doc));
    },
    around: (doc, distance) => lexical.neighbours(doc, distance).map((other) => facets.owner(other)),
    documents: () => docs,
    bytes: () => lexical.bytes() + live.byteLength * 89,
    release: () => vectors.release(),
  };
};
