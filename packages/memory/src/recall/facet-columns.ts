/** The facets of all documents of one index as columns, so that a filter is a comparison of numbers. */
import type { Facets } from "./entry.ts";
import { firstCapacity, grown } from "./postings.ts";

/** A filter in lexicon numbers; −1 is a value that no document has. */
export interface FacetFilter {
  readonly author?: number;
  readonly session?: number;
  readonly category?: number;
  readonly source?: number;
  readonly key?: number;
  readonly entity?: number;
  readonly mostTrust?: number;
  readonly after?: number;
  readonly before?: number;
  readonly tags?: readonly number[];
  readonly anyTag?: boolean;
}

export interface FacetColumns {
  readonly set: (doc: number, facets: Facets, from: number, to: number) => void;
  readonly close: (doc: number, to: number) => void;
  readonly owner: (doc: number) => number;
  readonly eventAt: (doc: number) => number;
  readonly erase: (doc: number) => void;
  readonly erased: (doc: number) => boolean;
  /** Whether any document that is not erased has the value in any facet. */
  readonly uses: (value: number, docs: number) => boolean;
  /** Clears in `mask` (first `docs` entries) what has expired at `now`. */
  readonly hideExpired: (mask: Uint8Array, docs: number, now: number) => void;
  /** Whether any document of `mask` (first `docs` entries), which holds what is current, has expired at `now`. */
  readonly anyExpired: (mask: Uint8Array, docs: number, now: number) => boolean;
  /** Clears in `mask` what is held back. */
  readonly hideQuarantined: (mask: Uint8Array) => void;
  readonly anyQuarantined: () => boolean;
  /** Clears in `mask` (first `docs` entries) what the filter does not let through; returns how many remain. */
  readonly narrow: (mask: Uint8Array, docs: number, filter: FacetFilter) => number;
  /** Sets in `mask` what was current at `time`. */
  readonly maskAsOf: (mask: Uint8Array, docs: number, time: number) => void;
}

export const makeFacetColumns = (): FacetColumns => {
  let owners = new Int32Array(firstCapacity);
  let authors = new Int32Array(firstCapacity);
  let sessions = new Int32Array(firstCapacity);
  let categories = new Int32Array(firstCapacity);
  let sources = new Int32Array(firstCapacity);
  let keys = new Int32Array(firstCapacity);
  let trusts = new Uint8Array(firstCapacity);
  let events = new Float64Array(firstCapacity);
  let froms = new Float64Array(firstCapacity);
  let tos = new Float64Array(firstCapacity);
  // Lists of tags, then entities, of a document: listed[start .. start + tags .. + entities].
  let starts = new Int32Array(firstCapacity);
  let tagCounts = new Uint8Array(firstCapacity);
  let entityCounts = new Uint8Array(firstCapacity);
  let listed = new Int32Array(firstCapacity);
  let listedUsed = 0;
  // When each document expires, Infinity for never; empty until one does. Nothing current expires before `nextExpiry`.
  let expires = new Float64Array(0);
  let nextExpiry = Number.POSITIVE_INFINITY;
  const heldBack = new Set<number>();

  const fit = (need: number): void => {
    if (need <= owners.length) return;
    owners = grown(owners, need);
    authors = grown(authors, need);
    sessions = grown(sessions, need);
    categories = grown(categories, need);
    sources = grown(sources, need);
    keys = grown(keys, need);
    trusts = grown(trusts, need);
    events = grown(events, need);
    froms = grown(froms, need);
    tos = grown(tos, need);
    starts = grown(starts, need);
    tagCounts = grown(tagCounts, need);
    entityCounts = grown(entityCounts, need);
  };

  const setExpiry = (doc: number, at: number): void => {
    if (doc >= expires.length) {
      const known = expires.length;
      expires = grown(expires, owners.length).fill(Number.POSITIVE_INFINITY, known);
    }
    expires[doc] = at;
    nextExpiry = Math.min(nextExpiry, at);
  };

  const within = (start: number, count: number, value: number): boolean => {
    for (let at = start; at < start + count; at++) if (listed[at] === value) return true;
    return false;
  };
  const hasEntity = (doc: number, entity: number): boolean =>
    within(starts[doc]! + tagCounts[doc]!, entityCounts[doc]!, entity);
  const hasTags = (doc: number, tags: readonly number[], any: boolean): boolean => {
    for (const tag of tags) if (within(starts[doc]!, tagCounts[doc]!, tag) === any) return any;
    return !any;
  };

  // One plain loop for each kind of comparison: a function called for each of a million documents is not free.
  const keepEqual = (mask: Uint8Array, docs: number, column: Int32Array, value: number | undefined): void => {
    if (value === undefined) return;
    for (let doc = 0; doc < docs; doc++) if (column[doc] !== value) mask[doc] = 0;
  };
  const keepBetween = (mask: Uint8Array, docs: number, from: number, to: number): void => {
    if (from === Number.NEGATIVE_INFINITY && to === Number.POSITIVE_INFINITY) return;
    for (let doc = 0; doc < docs; doc++) if (!(events[doc]! >= from && events[doc]! < to)) mask[doc] = 0;
  };
  const keepTrusted = (mask: Uint8Array, docs: number, most: number | undefined): void => {
    if (most === undefined) return;
    for (let doc = 0; doc < docs; doc++) if (trusts[doc]! > most) mask[doc] = 0;
  };

  return {
    set: (doc, facets, from, to) => {
      fit(doc + 1);
      owners[doc] = facets.owner;
      authors[doc] = facets.author;
      sessions[doc] = facets.session;
      categories[doc] = facets.category;
      sources[doc] = facets.source;
      keys[doc] = facets.key;
      trusts[doc] = facets.trust;
      events[doc] = facets.eventAt;
      froms[doc] = from;
      tos[doc] = to;
      const lists = [...facets.tags, ...facets.entities.slice(0, 255)];
      listed = grown(listed, listedUsed + lists.length);
      listed.set(lists, listedUsed);
      starts[doc] = listedUsed;
      tagCounts[doc] = facets.tags.length;
      entityCounts[doc] = lists.length - facets.tags.length;
      listedUsed += lists.length;
      if (!Number.isNaN(facets.expiresAt)) setExpiry(doc, facets.expiresAt);
      if (facets.quarantined === true) heldBack.add(doc);
    },
    close: (doc, to) => {
      tos[doc] = to;
    },
    owner: (doc) => owners[doc]!,
    eventAt: (doc) => events[doc]!,
    erase: (doc) => {
      tos[doc] = Number.NEGATIVE_INFINITY;
      heldBack.delete(doc);
    },
    erased: (doc) => tos[doc] === Number.NEGATIVE_INFINITY,
    uses: (value, docs) => {
      for (let doc = 0; doc < docs; doc++) {
        if (tos[doc] === Number.NEGATIVE_INFINITY) continue;
        if ([authors, sessions, keys, categories, sources].some((column) => column[doc] === value)) return true;
        if (within(starts[doc]!, tagCounts[doc]! + entityCounts[doc]!, value)) return true;
      }
      return false;
    },
    hideExpired: (mask, docs, now) => {
      for (let doc = Math.min(docs, expires.length) - 1; doc >= 0; doc--) if (expires[doc]! <= now) mask[doc] = 0;
    },
    anyExpired: (mask, docs, now) => {
      if (now < nextExpiry) return false;
      // What expired may have been swept since: then the next one is later.
      let next = Number.POSITIVE_INFINITY;
      for (let doc = Math.min(docs, expires.length) - 1; doc >= 0; doc--) {
        if (mask[doc] === 1 && expires[doc]! < next) next = expires[doc]!;
      }
      nextExpiry = next;
      return next <= now;
    },
    hideQuarantined: (mask) => {
      for (const doc of heldBack) mask[doc] = 0;
    },
    anyQuarantined: () => heldBack.size > 0,
    narrow: (mask, docs, filter) => {
      keepEqual(mask, docs, authors, filter.author);
      keepEqual(mask, docs, sessions, filter.session);
      keepEqual(mask, docs, categories, filter.category);
      keepEqual(mask, docs, sources, filter.source);
      keepEqual(mask, docs, keys, filter.key);
      keepTrusted(mask, docs, filter.mostTrust);
      keepBetween(mask, docs, filter.after ?? Number.NEGATIVE_INFINITY, filter.before ?? Number.POSITIVE_INFINITY);
      const { entity, tags = [], anyTag = false } = filter;
      let kept = 0;
      for (let doc = 0; doc < docs; doc++) {
        if (mask[doc] !== 1) continue;
        if ((entity !== undefined && !hasEntity(doc, entity)) || (tags.length > 0 && !hasTags(doc, tags, anyTag))) {
          mask[doc] = 0;
        } else kept++;
      }
      return kept;
    },
    maskAsOf: (mask, docs, time) => {
      for (let doc = 0; doc < docs; doc++) mask[doc] = froms[doc]! <= time && time < tos[doc]! ? 1 : 0;
    },
  };
};
