/**
 * The order of documents within their sessions, by position, then arrival. A session's documents lie side by side in
 * one array of all sessions, in order, with empty slots between the sessions, so that what stands around a document is
 * read, and lent words are added up, by plain neighbourhood in an array. A session that outgrows its slots moves to
 * twice as many.
 */
import { firstCapacity, grown } from "./postings.ts";
import { tuning } from "./tuning.ts";

export interface SessionOrder {
  readonly insert: (doc: number, session: number, position: number) => void;
  readonly remove: (doc: number) => void;
  /** The document just before, or −1. */
  readonly before: (doc: number) => number;
  readonly after: (doc: number) => number;
  readonly linked: (doc: number) => boolean;
  /** Whether there is any session at all. */
  readonly any: () => boolean;
  /** Up to `distance` documents on each side, in order, the document itself left out. */
  readonly around: (doc: number, distance: number) => readonly number[];
  readonly slots: () => SessionSlots;
  readonly bytes: () => number;
}

/** Valid until the next `insert` or `remove`. */
export interface SessionSlots {
  /** By slot: the document plus one, 0 for an empty slot. At least `tuning.contextDistance` lie between two sessions. */
  readonly docAt: Int32Array;
  /** By document, up to the last in a session: its slot, 0 for none. */
  readonly slotOf: Int32Array;
  /** Slots from here on are empty. */
  readonly end: number;
}

interface Segment {
  readonly start: number;
  readonly capacity: number;
  length: number;
}

const gap = tuning.contextDistance;
const smallest = 4;

export const makeSessionOrder = (): SessionOrder => {
  let docAt = new Int32Array(firstCapacity);
  let slotOf = new Int32Array(firstCapacity);
  let positions = new Float64Array(firstCapacity);
  let sessions = new Int32Array(firstCapacity); // session + 1 while in order
  let end = gap;
  const segments = new Map<number, Segment>();
  /** Starts of the places that sessions have left, by capacity. */
  const vacant = new Map<number, number[]>();

  const docIn = (slot: number): number => docAt[slot]! - 1;
  const linked = (doc: number): boolean => doc < sessions.length && sessions[doc] !== 0;
  const before = (doc: number): number => (linked(doc) ? docIn(slotOf[doc]! - 1) : -1);
  const after = (doc: number): number => (linked(doc) ? docIn(slotOf[doc]! + 1) : -1);
  const comes = (doc: number, position: number, than: number): boolean =>
    position > positions[than]! || (position === positions[than]! && doc > than);

  const placeFor = (capacity: number): number => {
    const left = vacant.get(capacity)?.pop();
    if (left !== undefined) return left;
    docAt = grown(docAt, end + capacity + gap);
    const start = end;
    end += capacity + gap;
    return start;
  };
  const leave = ({ start, capacity }: Segment): void => {
    docAt.fill(0, start, start + capacity);
    const list = vacant.get(capacity);
    if (list === undefined) vacant.set(capacity, [start]);
    else list.push(start);
  };
  const noteSlots = (from: number, to: number): void => {
    for (let slot = from; slot < to; slot++) slotOf[docIn(slot)] = slot;
  };

  /** The session's segment, with room for one more. */
  const roomFor = (session: number): Segment => {
    const known = segments.get(session);
    if (known !== undefined && known.length < known.capacity) return known;
    const capacity = known === undefined ? smallest : known.capacity * 2;
    const segment = { start: placeFor(capacity), capacity, length: known?.length ?? 0 };
    if (known !== undefined) {
      docAt.copyWithin(segment.start, known.start, known.start + known.length);
      noteSlots(segment.start, segment.start + segment.length);
      leave(known);
    }
    segments.set(session, segment);
    return segment;
  };

  return {
    insert: (doc, session, position) => {
      slotOf = grown(slotOf, doc + 1);
      positions = grown(positions, doc + 1);
      sessions = grown(sessions, doc + 1);
      positions[doc] = position;
      sessions[doc] = session + 1;
      const segment = roomFor(session);
      const last = segment.start + segment.length;
      // Turns arrive in order nearly always, so the search starts at the end.
      let slot = last;
      while (slot > segment.start && !comes(doc, position, docIn(slot - 1))) slot--;
      docAt.copyWithin(slot + 1, slot, last);
      docAt[slot] = doc + 1;
      segment.length++;
      noteSlots(slot, last + 1);
    },
    remove: (doc) => {
      if (!linked(doc)) return;
      const session = sessions[doc]! - 1;
      const segment = segments.get(session)!;
      const last = segment.start + --segment.length;
      const slot = slotOf[doc]!;
      docAt.copyWithin(slot, slot + 1, last + 1);
      docAt[last] = 0;
      noteSlots(slot, last);
      slotOf[doc] = 0;
      sessions[doc] = 0;
      if (segment.length > 0) return;
      segments.delete(session);
      leave(segment);
    },
    before,
    after,
    linked,
    any: () => segments.size > 0,
    around: (doc, distance) => {
      const found: number[] = [];
      for (let at = before(doc), left = distance; at >= 0 && left > 0; at = before(at), left--) found.unshift(at);
      for (let at = after(doc), left = distance; at >= 0 && left > 0; at = after(at), left--) found.push(at);
      return found;
    },
    slots: () => ({ docAt, slotOf, end }),
    bytes: () => docAt.byteLength + slotOf.byteLength * 4,
  };
};
