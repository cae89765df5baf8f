/**
 * The lexical signal of one space, in memory: BM25 over passages whose bags also hold, at falling weight, the first
 * words of the turns around them (RECALL.md, formula 2 and 3). The neighbours' share is added when a question is
 * asked, from the postings of its terms, so that the arrival of a turn costs nothing beyond its own postings.
 *
 * Documents are numbered by the caller and never reused; a document that is no longer current stays readable for
 * questions about the past, but lends no context and counts in no statistic.
 */
import { visitBag } from "./bag.ts";
import { idf, lendsAfter, lendsBefore, type Worth } from "./bm25.ts";
import { makeErasedHolders } from "./erased-holders.ts";
import type { LexicalIndex, Mask } from "./lexical-signal.ts";
import { makePassageSums, sumBlockBits } from "./passage-sums.ts";
import { firstCapacity, frequencyOf, grown, headOf, makePostings, passageOf } from "./postings.ts";
import { makeSessionOrder } from "./session-order.ts";
import { tuning } from "./tuning.ts";
import type { WholeSpace } from "./whole-space.ts";

/** What a passage belongs to. */
const kindOf = { alone: 0, inSession: 1, closed: 2, erased: 3 } as const;
const longestPassage = 0xffff;
const mostRemembered = 4096;
/** Slots of sessions are looked at in blocks of this many, as a power of two, and those without weight passed over. */
const nearBits = 6;
const never = (): boolean => false;

interface Scope {
  readonly population: Mask;
  readonly everyone: boolean;
  readonly outOfTime: () => boolean;
}

/** whole: of the space, where the index holds some of its documents; absent: it holds all. */
export const makeLexicalIndex = (whole?: WholeSpace): LexicalIndex => {
  const postings = makePostings();
  const append: typeof postings.append =
    whole === undefined
      ? postings.append
      : (term, passage, frequency, head) => {
          const number = whole.numberOf(term);
          if (number >= 0) postings.append(number, passage, frequency, head);
        };
  const order = makeSessionOrder();
  const sums = makePassageSums();
  // By document.
  let firstPassage = new Int32Array(firstCapacity);
  let passageCount = new Int32Array(firstCapacity);
  let headLength = new Uint8Array(firstCapacity);
  let ownLength = new Int32Array(firstCapacity);
  let borrowed = new Float32Array(firstCapacity);
  let scores = new Float32Array(firstCapacity);
  let current = new Uint8Array(firstCapacity);
  // By passage.
  let docOf = new Int32Array(firstCapacity);
  let kind = new Uint8Array(firstCapacity);
  let length = new Uint16Array(firstCapacity);
  let passages = 0;
  /** How many passages of what is current hold a term, context included; since the last change. */
  const holders = new Map<number, number>();
  const erased = makeErasedHolders(postings, (passage) => kind[passage] === kindOf.erased);
  // Of what is current.
  let livePassages = 0;
  let liveLength = 0;
  // Scratch of one term, for documents in sessions: by slot of the order, weighted frequencies, and which blocks of slots
  // have any; by passage, the own frequency in texts of several passages, and which passages those are.
  let weight = new Float32Array(0);
  let near = new Uint8Array(0);
  let own = new Float32Array(0);
  let divided = new Int32Array(0);
  let dividedCount = 0;

  const fit = (doc: number): void => {
    if (doc < firstPassage.length) return;
    firstPassage = grown(firstPassage, doc + 1);
    passageCount = grown(passageCount, doc + 1);
    headLength = grown(headLength, doc + 1);
    ownLength = grown(ownLength, doc + 1);
    borrowed = grown(borrowed, doc + 1);
    scores = grown(scores, doc + 1);
    current = grown(current, doc + 1);
  };
  const fitPassages = (need: number): void => {
    if (need <= docOf.length) return;
    docOf = grown(docOf, need);
    kind = grown(kind, need);
    length = grown(length, need);
    sums.fit(need);
  };
  const setKind = (doc: number, to: number): void => {
    kind.fill(to, firstPassage[doc], firstPassage[doc]! + passageCount[doc]!);
  };

  const borrow = (doc: number, by: number): void => {
    borrowed[doc]! += by;
    liveLength += by * passageCount[doc]!;
  };

  /** Recomputes what the documents around `doc` borrow from each other. */
  const reborrow = (doc: number): void => {
    let lent = 0;
    for (const [step, share] of [
      [order.before, lendsAfter],
      [order.after, lendsBefore],
    ] as const) {
      let other = doc;
      for (let k = 1; k <= tuning.contextDistance; k++) {
        other = step(other);
        if (other < 0) break;
        lent += share[k]! * headLength[other]!;
      }
    }
    borrow(doc, lent - borrowed[doc]!);
  };
  const reborrowAround = (doc: number): void => {
    for (const step of [order.before, order.after]) {
      let other = doc;
      for (let k = 1; k <= tuning.contextDistance; k++) {
        other = step(other);
        if (other < 0) break;
        reborrow(other);
      }
    }
  };

  const add: LexicalIndex["add"] = (doc, bag, session, position) => {
    holders.clear();
    fit(doc);
    firstPassage[doc] = passages;
    let passage = passages - 1;
    visitBag(bag, {
      start: (head, own, count) => {
        fitPassages(passages + count);
        headLength[doc] = head;
        ownLength[doc] = own;
        passageCount[doc] = count;
      },
      passage: (terms) => {
        passage++;
        docOf[passage] = doc;
        if (passageCount[doc]! > 1) sums.noteDivided(passage);
        length[passage] = Math.min(longestPassage, terms);
        liveLength += length[passage]!;
      },
      posting: (term, frequency, head) => append(term, passage, frequency, head),
    });
    passages += passageCount[doc]!;
    livePassages += passageCount[doc]!;
    current[doc] = 1;
    borrowed[doc] = 0;
    if (session >= 0) {
      order.insert(doc, session, position);
      setKind(doc, kindOf.inSession);
      reborrow(doc);
      reborrowAround(doc);
    }
  };

  const close: LexicalIndex["close"] = (doc) => {
    if (current[doc] !== 1) return;
    holders.clear();
    current[doc] = 0;
    borrow(doc, -borrowed[doc]!);
    livePassages -= passageCount[doc]!;
    for (let at = 0; at < passageCount[doc]!; at++) liveLength -= length[firstPassage[doc]! + at]!;
    const [before, after] = [order.before(doc), order.after(doc)];
    order.remove(doc);
    setKind(doc, kindOf.closed);
    for (const other of [before, after]) {
      if (other < 0) continue;
      reborrow(other);
      reborrowAround(other);
    }
  };

  const erase: LexicalIndex["erase"] = (doc) => {
    setKind(doc, kindOf.erased);
    erased.note();
  };

  /**
   * Adds up one term's frequencies around the documents in sessions, in `weight` and `own`, and counts the other passages
   * that hold it; −1 when time was up first.
   */
  const gather = (term: number, { population, everyone, outOfTime }: Scope): number => {
    const { slotOf } = order.slots();
    const [kinds, docs, weights, blocks] = [kind, docOf, weight, near];
    const distance = tuning.contextDistance;
    let alone = 0;
    let first = true;
    postings.eachBlock(term, (pool, from, to) => {
      if (!first && outOfTime()) {
        alone = -1;
        return false;
      }
      first = false;
      let outside = 0;
      for (let at = from; at < to; at++) {
        const posting = pool[at]!;
        const passage = passageOf(posting);
        if (kinds[passage] !== kindOf.inSession) {
          outside += everyone ? (kinds[passage] === kindOf.alone ? 1 : 0) : population[docs[passage]!]!;
          continue;
        }
        const doc = docs[passage]!;
        const slot = slotOf[doc]!;
        if (everyone || population[doc] === 1) {
          if (passageCount[doc] === 1) {
            weights[slot]! += frequencyOf(posting);
            blocks[slot >> nearBits] = 1;
          } else {
            own[passage] = frequencyOf(posting);
            divided[dividedCount++] = passage;
          }
        }
        const head = headOf(posting);
        if (head === 0) continue;
        // Past the ends of a session lie empty slots, which nobody reads.
        for (let k = 1; k <= distance; k++) {
          weights[slot - k]! += head * lendsBefore[k]!;
          weights[slot + k]! += head * lendsAfter[k]!;
        }
        blocks[(slot - distance) >> nearBits] = 1;
        blocks[(slot + distance) >> nearBits] = 1;
      }
      alone += outside;
      return true;
    });
    return alone;
  };

  /** How many passages have weight. */
  const countGathered = (population: Mask): number => {
    const { docAt, slotOf, end } = order.slots();
    let count = 0;
    for (let block = 0; block << nearBits < end; block++) {
      if (near[block] === 0) continue;
      const last = Math.min(end, (block + 1) << nearBits);
      for (let slot = block << nearBits; slot < last; slot++) {
        const doc = docAt[slot]! - 1;
        if (doc >= 0 && weight[slot] !== 0 && population[doc] === 1) count += passageCount[doc]!;
      }
    }
    for (let at = 0; at < dividedCount; at++) if (weight[slotOf[docOf[divided[at]!]!]!] === 0) count++;
    return count;
  };

  const forgetGathered = (): void => {
    const { end } = order.slots();
    for (let block = 0; block << nearBits < end; block++) {
      if (near[block] === 0) continue;
      near[block] = 0;
      weight.fill(0, block << nearBits, (block + 1) << nearBits);
    }
    for (let at = 0; at < dividedCount; at++) own[divided[at]!] = 0;
    dividedCount = 0;
  };

  /** Adds to the sums what a term is worth to the passages outside sessions: a passage has one posting of a term. */
  const addAlone = (term: number, { population, everyone }: Scope, { most, base, slope }: Worth): void => {
    const { totals, reached } = sums.open();
    const [kinds, docs, lengths] = [kind, docOf, length];
    postings.eachBlock(term, (pool, from, to) => {
      for (let at = from; at < to; at++) {
        const posting = pool[at]!;
        const passage = passageOf(posting);
        if (everyone ? kinds[passage] !== kindOf.alone : kinds[passage] === kindOf.inSession) continue;
        if (!everyone && population[docs[passage]!] !== 1) continue;
        const frequency = frequencyOf(posting);
        reached[passage >> sumBlockBits] = 1;
        totals[passage]! += (most * frequency) / (frequency + base + slope * lengths[passage]!);
      }
      return true;
    });
  };

  /** The same for the passages in sessions, from what was gathered. */
  const addGathered = (population: Mask, { most, base, slope }: Worth): void => {
    const { docAt, slotOf, end } = order.slots();
    const { totals, reached } = sums.open();
    const addTo = (passage: number, doc: number, frequency: number): void => {
      reached[passage >> sumBlockBits] = 1;
      totals[passage]! += (most * frequency) / (frequency + base + slope * (length[passage]! + borrowed[doc]!));
    };
    for (let at = 0; at < dividedCount; at++) {
      const passage = divided[at]!;
      const doc = docOf[passage]!;
      if (weight[slotOf[doc]!] === 0) addTo(passage, doc, own[passage]!);
    }
    for (let block = 0; block << nearBits < end; block++) {
      if (near[block] === 0) continue;
      const last = Math.min(end, (block + 1) << nearBits);
      for (let slot = block << nearBits; slot < last; slot++) {
        const doc = docAt[slot]! - 1;
        if (doc < 0 || weight[slot] === 0 || population[doc] !== 1) continue;
        const first = firstPassage[doc]!;
        const count = passageCount[doc]!;
        if (count === 1) addTo(first, doc, weight[slot]!);
        else for (let at = first; at < first + count; at++) addTo(at, doc, weight[slot]! + own[at]!);
      }
    }
  };

  const makeRoom = (): void => {
    if (!order.any()) return;
    const { docAt } = order.slots();
    weight = grown(weight, docAt.length);
    near = grown(near, (docAt.length >> nearBits) + 1);
    own = grown(own, docOf.length);
    divided = grown(divided, docOf.length);
  };

  /**
   * How many passages of the whole space hold a term, of which `reached` are here, context included: what lends and what
   * borrows are in the same proportion elsewhere. Exact where all that hold the term are here, or nothing is lent.
   */
  const inWhole = (term: number, reached: number): number => {
    if (whole === undefined) return reached;
    const holding = whole.holding(term);
    const here = postings.count(term);
    if (here === 0 || !order.any()) return holding;
    return Math.min(whole.passages, Math.max(reached, Math.round((holding * reached) / here)));
  };

  const score: LexicalIndex["score"] = (terms, population, { everyone = false, outOfTime = never, weights } = {}) => {
    makeRoom();
    const scope: Scope = { population, everyone, outOfTime };
    const { k1, b } = tuning;
    // Texts without any term have no length, or a trace of what was lent in fractions and taken back; what is asked of
    // the past must not be divided by it.
    const all = whole?.passages ?? livePassages;
    const lengths = whole?.length ?? liveLength;
    const average = lengths < 1e-6 ? 1 : lengths / all;
    const base = k1 * (1 - b);
    const slope = (k1 * b) / average;
    const gathers = order.any();
    let partial = false;
    let best = 0;
    for (const [at, term] of terms.entries()) {
      // The first word is looked up whatever the time: something is better than nothing.
      partial = at > 0 && outOfTime();
      if (partial) break;
      const known = everyone ? holders.get(term) : undefined;
      const alone = known !== undefined && !gathers ? known : gather(term, scope);
      partial = alone < 0;
      if (!partial) {
        const count = known ?? inWhole(term, alone + (gathers ? countGathered(population) : 0));
        if (holders.size >= mostRemembered) holders.clear();
        if (everyone) holders.set(term, count);
        const most = idf(all, count) * (k1 + 1) * (weights?.[at] ?? 1);
        best += most;
        if (alone > 0) addAlone(term, scope, { most, base, slope });
        if (gathers) addGathered(population, { most, base, slope });
      }
      if (gathers) forgetGathered();
      if (partial) break;
    }
    sums.settle(passages, best, { docOf, passageCount, scores });
    return { scores, partial };
  };

  return {
    add,
    close,
    erase,
    score,
    ownTerms: (doc) => ownLength[doc] ?? 0,
    someHolder: (term, test) => {
      let found = false;
      postings.eachBlock(term, (pool, from, to) => {
        for (let at = from; !found && at < to; at++) found = test(docOf[passageOf(pool[at]!)]!);
        return !found;
      });
      return found;
    },
    rarity: (term) => idf(livePassages, postings.count(term) - erased.holding(term)),
    shareOf: (term) =>
      whole === undefined
        ? postings.count(term) / Math.max(1, passages)
        : whole.holding(term) / Math.max(1, whole.passages),
    inSessions: order.slots,
    after: order.after,
    before: order.before,
    neighbours: (doc, distance) => order.around(doc, distance),
    bytes: () =>
      postings.bytes() +
      order.bytes() +
      docOf.byteLength * 2.75 +
      weight.byteLength +
      own.byteLength * 2 +
      firstPassage.byteLength * 5.5,
  };
};
