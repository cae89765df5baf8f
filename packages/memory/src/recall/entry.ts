/**
 * One document of the search index as bytes: the facets that filters compare, then its bag of terms (bag.ts). An entry
 * is written once, in its row's transaction, and never changed; the index in memory is rebuilt from entries alone.
 *
 * Strings are numbered by the space's lexicon (terms as they are, facet values behind a prefix, see `facetName`), 0
 * meaning "none". Times are float64 milliseconds, NaN meaning "none".
 */
export interface Facets {
  /** The row that the document stands for, as the engine numbers it. */
  readonly owner: number;
  readonly trust: number;
  /** Held back from recall; it neither lends nor borrows context. Absent: no. */
  readonly quarantined?: boolean;
  /** The text asks something; it tells a time (cues.ts). Absent: no. */
  readonly asks?: boolean;
  readonly tellsTime?: boolean;
  readonly author: number;
  readonly session: number;
  readonly position: number;
  readonly category: number;
  readonly source: number;
  readonly key: number;
  /** When it happened, else when it was recorded. */
  readonly eventAt: number;
  readonly expiresAt: number;
  readonly tags: readonly number[];
  readonly entities: readonly number[];
}

export type FacetKind = "author" | "session" | "category" | "source" | "key" | "tag" | "entity";

const prefixes: Readonly<Record<FacetKind, string>> = {
  author: "\u0001a",
  session: "\u0001s",
  category: "\u0001c",
  source: "\u0001i",
  key: "\u0001k",
  tag: "\u0001t",
  entity: "\u0001e",
};

/** Authors compare without regard to case. */
export const foldAuthor = (name: string): string => name.normalize("NFKC").toLowerCase();

/**
 * The lexicon name of a facet's value; no term starts with U+0001. A lone surrogate becomes U+FFFD, as it does in a
 * database's UTF-8.
 */
export const facetName = (kind: FacetKind, value: string): string =>
  prefixes[kind] + (kind === "author" ? foldAuthor(value) : value).toWellFormed();

const layoutVersion = 1;
/** Beside the trust level in one byte: entries written before there was a quarantine read as not held back. */
const quarantineBit = 0x80;
const asksBit = 0x40;
const tellsTimeBit = 0x20;
const trustBits = 0x1f;
const fixedBytes = 2 + 8 * 3;
const mostVarint = 5;

export const encodeEntry = (facets: Facets, bag: Uint8Array): Uint8Array => {
  const numbers = [
    facets.owner,
    facets.author,
    facets.session,
    facets.category,
    facets.source,
    facets.key,
    facets.tags.length,
    ...facets.tags,
    facets.entities.length,
    ...facets.entities,
  ];
  const bytes = new Uint8Array(fixedBytes + numbers.length * mostVarint + bag.length);
  const view = new DataView(bytes.buffer);
  bytes[0] = layoutVersion;
  bytes[1] =
    facets.trust |
    (facets.quarantined === true ? quarantineBit : 0) |
    (facets.asks === true ? asksBit : 0) |
    (facets.tellsTime === true ? tellsTimeBit : 0);
  view.setFloat64(2, facets.position, true);
  view.setFloat64(10, facets.eventAt, true);
  view.setFloat64(18, facets.expiresAt, true);
  let at = fixedBytes;
  for (const number of numbers) {
    let value = number;
    while (value >= 0x80) {
      bytes[at++] = (value & 0x7f) | 0x80;
      value >>>= 7;
    }
    bytes[at++] = value;
  }
  bytes.set(bag, at);
  return bytes.subarray(0, at + bag.length);
};

export interface DecodedEntry {
  readonly facets: Facets;
  readonly bag: Uint8Array;
}

export const decodeEntry = (bytes: Uint8Array): DecodedEntry => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = fixedBytes;
  const varint = (): number => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++] ?? 0;
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value >>> 0;
    }
  };
  const list = (): number[] => {
    const items: number[] = [];
    for (let left = varint(); left > 0; left--) items.push(varint());
    return items;
  };
  const facets: Facets = {
    trust: (bytes[1] ?? 0) & trustBits,
    quarantined: ((bytes[1] ?? 0) & quarantineBit) !== 0,
    asks: ((bytes[1] ?? 0) & asksBit) !== 0,
    tellsTime: ((bytes[1] ?? 0) & tellsTimeBit) !== 0,
    position: view.getFloat64(2, true),
    eventAt: view.getFloat64(10, true),
    expiresAt: view.getFloat64(18, true),
    owner: varint(),
    author: varint(),
    session: varint(),
    category: varint(),
    source: varint(),
    key: varint(),
    tags: list(),
    entities: list(),
  };
  return { facets, bag: bytes.subarray(at) };
};

/**
 * Calls `visit` with every lexicon number of an entry; false when the bytes are not an entry, so that a damaged one can
 * be set aside before it is believed.
 */
export const visitNames = (bytes: Uint8Array, visit: (name: number) => void): boolean => {
  if (bytes.length < fixedBytes || bytes[0] !== layoutVersion) return false;
  let at = fixedBytes;
  const varint = (): number => {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = bytes[at++] ?? 0;
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value >>> 0;
    }
    at = bytes.length + 1;
    return 0;
  };
  const left = (): number => bytes.length - at;
  varint(); // the owner
  for (let facet = 0; facet < 5; facet++) visit(varint());
  for (let list = 0; list < 2; list++) {
    const count = varint();
    if (count > left()) return false;
    for (let item = 0; item < count; item++) visit(varint());
  }
  varint(); // the lengths of the head and of the text
  varint();
  const passages = varint();
  if (passages > left()) return false;
  for (let passage = 0; passage < passages; passage++) {
    varint();
    const postings = varint();
    if (postings > left()) return false;
    let term = 0;
    for (let posting = 0; posting < postings; posting++) {
      term += varint();
      at++;
      visit(term);
    }
  }
  return at === bytes.length;
};
