/** The facets of all documents of one index as columns, so that a filter is a comparison of numbers. */
import type { Facets } from "./entry.ts";
import { grown } from "./postings.ts";

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
  /** Clears in `mask` what has expired at `now`. */
  readonly hideExpired: (mask: Uint8Array, now: number) => void;
  readonly anyExpires: () => boolean;
  /** Clears in `mask` (first `docs` entries) what the filter does not let through. */
  readonly narrow: (mask: Uint8Array, docs: number, filter: FacetFilter) => void;
  /** Sets in `mask` what was current at `time`. */
  readonly maskAsOf: (mask: Uint8Array, docs: number, time: number) => void;
}

export const makeFacetColumns = (): FacetColumns => {
  let owners = new Int32Array(1024);
  let authors = new Int32Array(1024);
  let sessions = new Int32Array(1024);
  let categories = new Int32Array(1024);
  let sources = new Int32Array(1024);
  let keys = new Int32Array(1024);
  let trusts = new Uint8Array(1024);
  let events = new Float64Array(1024);
  let froms = new Float64Array(1024);
  let tos = new Float64Array(1024);
  // Lists of tags, then entities, of a document: listed[start .. start + tags .. + entities].
  let starts = new Int32Array(1024);
  let tagCounts = new Uint8Array(1024);
  let entityCounts = new Uint8Array(1024);
  let listed = new Int32Array(1024);
  let listedUsed = 0;
  const expiring = new Map<number, number>();

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

  const within = (start: number, count: number, value: number): boolean => {
    for (let at = start; at < start + count; at++) if (listed[at] === value) return true;
    return false;
  };
  const hasTag = (doc: number, tag: number): boolean => within(starts[doc]!, tagCounts[doc]!, tag);
  const hasEntity = (doc: number, entity: number): boolean =>
    within(starts[doc]! + tagCounts[doc]!, entityCounts[doc]!, entity);

  const keep = (mask: Uint8Array, docs: number, test: (doc: number) => boolean): void => {
    for (let doc = 0; doc < docs; doc++) if (mask[doc] === 1 && !test(doc)) mask[doc] = 0;
  };
  const keepEqual = (mask: Uint8Array, docs: number, column: Int32Array, value: number | undefined): void => {
    if (value === undefined) return;
    for (let doc = 0; doc < docs; doc++) if (column[doc] !== value) mask[doc] = 0;
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
      if (!Number.isNaN(facets.expiresAt)) expiring.set(doc, facets.expiresAt);
    },
    close: (doc, to) => {
      tos[doc] = to;
    },
    owner: (doc) => owners[doc]!,
    eventAt: (doc) => events[doc]!,
    erase: (doc) => {
      tos[doc] = Number.NEGATIVE_INFINITY;
      expiring.delete(doc);
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
    hideExpired: (mask, now) => {
      for (const [doc, at] of expiring) if (at <= now) mask[doc] = 0;
    },
    anyExpires: () => expiring.size > 0,
    narrow: (mask, docs, filter) => {
      keepEqual(mask, docs, authors, filter.author);
      keepEqual(mask, docs, sessions, filter.session);
      keepEqual(mask, docs, categories, filter.category);
      keepEqual(mask, docs, sources, filter.source);
      keepEqual(mask, docs, keys, filter.key);
      const { entity, mostTrust, after, before, tags, anyTag } = filter;
      if (entity !== undefined) keep(mask, docs, (doc) => hasEntity(doc, entity));
      if (mostTrust !== undefined) keep(mask, docs, (doc) => trusts[doc]! <= mostTrust);
      if (after !== undefined) keep(mask, docs, (doc) => events[doc]! >= after);
      if (before !== undefined) keep(mask, docs, (doc) => events[doc]! < before);
      if (tags !== undefined && tags.length > 0) {
        keep(mask, docs, (doc) =>
          anyTag === true ? tags.some((tag) => hasTag(doc, tag)) : tags.every((tag) => hasTag(doc, tag)),
        );
      }
    },
    maskAsOf: (mask, docs, time) => {
      for (let doc = 0; doc < docs; doc++) mask[doc] = froms[doc]! <= time && time < tos[doc]! ? 1 : 0;
    },
  };
};
