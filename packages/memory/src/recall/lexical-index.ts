/**
 * The lexical signal of one space, in memory: BM25 over passages whose bags also hold, at falling weight, the first
 * words of the turns around them (RECALL.md, formula 2 and 3). The neighbours' share is added when a question is
 * asked, from the postings of its terms, so that the arrival of a turn costs nothing beyond its own postings.
 *
 * Documents are numbered by the caller and never reused; a document that is no longer current stays readable for
 * questions about the past, but lends no context and counts in no statistic.
 */
import { visitBag } from "./bag.ts";
import { frequencyOf, grown, headOf, makePostings, passageOf } from "./postings.ts";
import { makeSessionOrder } from "./session-order.ts";
import { tuning } from "./tuning.ts";

/** Which documents a question may see: 1 at the document's number. */
export type Mask = Uint8Array;

export interface LexicalScores {
  /** ℓ by document number, 0 where no term matched. Valid until the next question. */
  readonly scores: Float32Array;
  /** The documents with ℓ > 0, each once, in no order. */
  readonly matched: Int32Array;
}

export interface LexicalIndex {
  readonly add: (doc: number, bag: Uint8Array, session: number, position: number) => void;
  /** The document is no longer current. */
  readonly close: (doc: number) => void;
  /** ℓ of every document of `population` that holds a term. `terms` are distinct term numbers, −1 for unknown ones. */
  readonly score: (terms: readonly number[], population: Mask) => LexicalScores;
  readonly ownTerms: (doc: number) => number;
  /** Calls `visit` with the document of each posting of a term; a document may come twice. */
  readonly eachHolder: (term: number, visit: (doc: number) => void) => void;
  readonly neighbours: (doc: number, distance: number) => readonly number[];
  readonly bytes: () => number;
}

const noPostings = new Uint32Array(0);

export const makeLexicalIndex = (): LexicalIndex => {
  const postings = makePostings();
  const order = makeSessionOrder();
  // By document.
  let firstPassage = new Int32Array(1024);
  let passageCount = new Int32Array(1024);
  let headLength = new Uint8Array(1024);
  let ownLength = new Int32Array(1024);
  let borrowed = new Float32Array(1024);
  let scores = new Float32Array(1024);
  let current = new Uint8Array(1024);
  // By passage.
  let docOf = new Int32Array(1024);
  let length = new Int32Array(1024);
  let weight = new Float32Array(1024);
  let total = new Float32Array(1024);
  let passages = 0;
  // Of what is current.
  let livePassages = 0;
  let liveLength = 0;
  // Scratch.
  let touched = new Int32Array(1024);
  let touchedTotal = new Int32Array(1024);
  let matched = new Int32Array(1024);
  let matchedCount = 0;

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
    length = grown(length, need);
    weight = grown(weight, need);
    total = grown(total, need);
  };

  const borrow = (doc: number, by: number): void => {
    borrowed[doc]! += by;
    liveLength += by * passageCount[doc]!;
  };

  /** Recomputes what the documents around `doc` borrow from each other. */
  const reborrow = (doc: number): void => {
    let lent = 0;
    for (const step of [order.before, order.after]) {
      let other = doc;
      for (let k = 1; k <= tuning.contextDistance; k++) {
        other = step(other);
        if (other < 0) break;
        lent += tuning.contextDecay ** k * headLength[other]!;
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
        length[passage] = terms;
        liveLength += terms;
      },
      posting: (term, frequency, head) => postings.append(term, passage, frequency, head),
    });
    passages += passageCount[doc]!;
    livePassages += passageCount[doc]!;
    current[doc] = 1;
    borrowed[doc] = 0;
    if (session >= 0) {
      order.insert(doc, session, position);
      reborrow(doc);
      reborrowAround(doc);
    }
  };

  const close: LexicalIndex["close"] = (doc) => {
    if (current[doc] !== 1) return;
    current[doc] = 0;
    borrow(doc, -borrowed[doc]!);
    livePassages -= passageCount[doc]!;
    for (let at = 0; at < passageCount[doc]!; at++) liveLength -= length[firstPassage[doc]! + at]!;
    const [before, after] = [order.before(doc), order.after(doc)];
    order.remove(doc);
    for (const other of [before, after]) {
      if (other < 0) continue;
      reborrow(other);
      reborrowAround(other);
    }
  };

  /** Lends `head` occurrences to what stands around a document; returns the new count of touched passages. */
  const lendAround = (doc: number, head: number, population: Mask, touchedBefore: number): number => {
    let count = touchedBefore;
    for (const step of [order.before, order.after]) {
      let other = doc;
      let share = head;
      for (let k = 1; k <= tuning.contextDistance; k++) {
        other = step(other);
        if (other < 0) break;
        share *= tuning.contextDecay;
        if (population[other] !== 1) continue;
        const end = firstPassage[other]! + passageCount[other]!;
        for (let passage = firstPassage[other]!; passage < end; passage++) {
          if (weight[passage] === 0) touched[count++] = passage;
          weight[passage]! += share;
        }
      }
    }
    return count;
  };

  /** Adds the weighted frequencies of one term to `weight`; returns how many passages hold it. */
  const spread = (term: number, population: Mask): number => {
    const list = postings.read(term);
    const anySession = order.any();
    let count = 0;
    for (let at = 0; at < list.length; at++) {
      const posting = list[at]!;
      const passage = passageOf(posting);
      const doc = docOf[passage]!;
      if (population[doc] === 1) {
        if (weight[passage] === 0) touched[count++] = passage;
        weight[passage]! += frequencyOf(posting);
      }
      if (anySession && headOf(posting) > 0 && order.linked(doc)) {
        count = lendAround(doc, headOf(posting), population, count);
      }
    }
    return count;
  };

  const countIn = (list: Uint32Array, population: Mask): number => {
    let count = 0;
    for (let at = 0; at < list.length; at++) count += population[docOf[passageOf(list[at]!)]!]!;
    return count;
  };

  const score: LexicalIndex["score"] = (terms, population) => {
    for (let at = 0; at < matchedCount; at++) scores[matched[at]!] = 0;
    matchedCount = 0;
    touched = grown(touched, passages + 1);
    touchedTotal = grown(touchedTotal, passages + 1);
    matched = grown(matched, passages + 1);
    const { k1, b } = tuning;
    // Texts without any term have no length; what is asked of the past must not be divided by it.
    const average = liveLength === 0 ? 1 : liveLength / livePassages;
    const base = k1 * (1 - b);
    const slope = (k1 * b) / average;
    // Without sessions nothing is borrowed, and a passage has one posting of a term: no need to gather weights first.
    const gathers = order.any();
    let touchedCount = 0;
    let best = 0;
    for (const term of terms) {
      const list = gathers ? noPostings : postings.read(term);
      const count = gathers ? (term < 0 ? 0 : spread(term, population)) : countIn(list, population);
      const most = Math.log(1 + (Math.max(livePassages, count) - count + 0.5) / (count + 0.5)) * (k1 + 1);
      best += most;
      for (let at = 0; at < list.length; at++) {
        const passage = passageOf(list[at]!);
        if (population[docOf[passage]!] !== 1) continue;
        const frequency = frequencyOf(list[at]!);
        if (total[passage] === 0) touchedTotal[touchedCount++] = passage;
        total[passage]! += (most * frequency) / (frequency + base + slope * length[passage]!);
      }
      const gathered = gathers ? count : 0;
      for (let at = 0; at < gathered; at++) {
        const passage = touched[at]!;
        const frequency = weight[passage]!;
        weight[passage] = 0;
        if (total[passage] === 0) touchedTotal[touchedCount++] = passage;
        total[passage]! +=
          (most * frequency) / (frequency + base + slope * (length[passage]! + borrowed[docOf[passage]!]!));
      }
    }
    for (let at = 0; at < touchedCount; at++) {
      const passage = touchedTotal[at]!;
      const doc = docOf[passage]!;
      const pieces = passageCount[doc]!;
      const value = total[passage]! / best / (pieces === 1 ? 1 : 1 + tuning.passagePenalty * Math.log(pieces));
      total[passage] = 0;
      if (scores[doc] === 0) matched[matchedCount++] = doc;
      if (value > scores[doc]!) scores[doc] = value;
    }
    return { scores, matched: matched.subarray(0, matchedCount) };
  };

  return {
    add,
    close,
    score,
    ownTerms: (doc) => ownLength[doc] ?? 0,
    eachHolder: (term, visit) => {
      for (const posting of postings.read(term)) visit(docOf[passageOf(posting)]!);
    },
    neighbours: (doc, distance) => order.around(doc, distance),
    bytes: () => postings.bytes() + docOf.byteLength * 7 + firstPassage.byteLength * 6,
  };
};
