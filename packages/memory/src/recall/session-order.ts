/** The order of documents within their sessions: a doubly linked list a session, sorted by position, then arrival. */
import { grown } from "./postings.ts";

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
}

export const makeSessionOrder = (): SessionOrder => {
  // Links hold document + 1, so that 0 means "none".
  let previous = new Int32Array(1024);
  let next = new Int32Array(1024);
  let positions = new Float64Array(1024);
  let sessions = new Int32Array(1024); // session + 1 while linked
  const tails = new Map<number, number>();

  const before = (doc: number): number => (doc < previous.length ? previous[doc]! - 1 : -1);
  const after = (doc: number): number => (doc < next.length ? next[doc]! - 1 : -1);
  const comes = (doc: number, position: number, than: number): boolean =>
    position > positions[than]! || (position === positions[than]! && doc > than);

  return {
    insert: (doc, session, position) => {
      previous = grown(previous, doc + 1);
      next = grown(next, doc + 1);
      positions = grown(positions, doc + 1);
      sessions = grown(sessions, doc + 1);
      positions[doc] = position;
      sessions[doc] = session + 1;
      // Turns arrive in order nearly always, so the search starts at the end.
      let left = tails.get(session) ?? -1;
      while (left >= 0 && !comes(doc, position, left)) left = before(left);
      const right = left >= 0 ? after(left) : -1;
      let first = -1;
      if (left < 0) {
        // In front of all: the head is found from the tail by the walk above; walk it once more for its first element.
        for (let at = tails.get(session) ?? -1; at >= 0; at = before(at)) first = at;
      }
      const follower = left >= 0 ? right : first;
      previous[doc] = left + 1;
      next[doc] = follower + 1;
      if (left >= 0) next[left] = doc + 1;
      if (follower >= 0) previous[follower] = doc + 1;
      else tails.set(session, doc);
    },
    remove: (doc) => {
      if (doc >= sessions.length || sessions[doc] === 0) return;
      const session = sessions[doc]! - 1;
      const [left, right] = [before(doc), after(doc)];
      if (left >= 0) next[left] = right + 1;
      if (right >= 0) previous[right] = left + 1;
      else if (left >= 0) tails.set(session, left);
      else tails.delete(session);
      previous[doc] = 0;
      next[doc] = 0;
      sessions[doc] = 0;
    },
    before,
    after,
    any: () => tails.size > 0,
    linked: (doc) => doc < sessions.length && sessions[doc] !== 0,
    around: (doc, distance) => {
      const found: number[] = [];
      for (let at = before(doc), left = distance; at >= 0 && left > 0; at = before(at), left--) found.unshift(at);
      for (let at = after(doc), left = distance; at >= 0 && left > 0; at = after(at), left--) found.push(at);
      return found;
    },
  };
};
