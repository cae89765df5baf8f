/**
 * Signals of a text and how they add up. A rule finds places; places near each other add up, one weight a kind, so that
 * a long text does not become suspect by what its first and last page say.
 */
export const kinds = [
  "override",
  "imitation",
  "exfiltration",
  "hidden",
  "encoded",
  "authority",
  "persona",
  "secrecy",
  "action",
  "persistence",
  "address",
] as const;
export type Kind = (typeof kinds)[number];

export interface Signal {
  readonly kind: Kind;
  /** 1 is enough on its own. */
  readonly weight: number;
  /** Literals of which the folded text must hold one, so that most rules cost one look. */
  readonly anchors: readonly string[];
  /** Matches with bounded repeats only: every rule is linear in the text. */
  readonly pattern: RegExp;
}

/** Three word lists that must all begin within `within` characters of one sentence, the first of them first. */
export interface Together {
  readonly kind: Kind;
  readonly weight: number;
  readonly first: RegExp;
  readonly follow: readonly RegExp[];
  readonly within: number;
}

export interface Place {
  readonly kind: Kind;
  readonly weight: number;
  readonly at: number;
}

const placesOf = (pattern: RegExp, text: string): readonly number[] =>
  Array.from(text.matchAll(pattern), (match) => match.index);

export const findSignal = ({ kind, weight, anchors, pattern }: Signal, text: string): readonly Place[] => {
  if (anchors.length > 0 && !anchors.some((anchor) => text.includes(anchor))) return [];
  return placesOf(pattern, text).map((at) => ({ kind, weight, at }));
};

export const sentenceEnds = (text: string): readonly number[] => placesOf(/[.!?。！？\n]/g, text);

/** Each place of `first` after which all of `follow` begin before the sentence or the distance ends. */
export const findTogether = (
  { kind, weight, first, follow, within }: Together,
  text: string,
  /** Where sentences end. */
  ends: readonly number[],
): readonly Place[] => {
  const starts = placesOf(first, text);
  if (starts.length === 0) return [];
  const others = follow.map((pattern) => placesOf(pattern, text));
  if (others.some((list) => list.length === 0)) return [];
  const cursors = others.map(() => 0);
  let end = 0;
  const found: Place[] = [];
  for (const at of starts) {
    while (end < ends.length && ends[end]! < at) end += 1;
    const limit = Math.min(at + within, ends[end] ?? Number.POSITIVE_INFINITY);
    const complete = others.every((list, index) => {
      while (cursors[index]! < list.length && list[cursors[index]!]! <= at) cursors[index]! += 1;
      const next = list[cursors[index]!];
      return next !== undefined && next < limit;
    });
    if (complete) found.push({ kind, weight, at });
  }
  return found;
};

/** Half of how far apart, in characters, signals may stand that add up. */
const bucket = 300;

export interface Sum {
  readonly score: number;
  /** The heaviest kind of the worst place; null where nothing was found. */
  readonly kind: Kind | null;
}

/** The worst stretch of two buckets: the heaviest weight of each kind in it, added. */
export const sumUp = (places: readonly Place[]): Sum => {
  const buckets = new Map<number, Map<Kind, number>>();
  for (const { kind, weight, at } of places) {
    const index = Math.floor(at / bucket);
    for (const one of [index - 1, index]) {
      const found = buckets.get(one) ?? new Map<Kind, number>();
      buckets.set(one, found.set(kind, Math.max(weight, found.get(kind) ?? 0)));
    }
  }
  let worst: Sum = { score: 0, kind: null };
  for (const found of buckets.values()) {
    const score = [...found.values()].reduce((sum, weight) => sum + weight, 0);
    if (score <= worst.score) continue;
    const heaviest = Math.max(...found.values());
    worst = { score, kind: kinds.find((kind) => found.get(kind) === heaviest) ?? null };
  }
  return worst;
};
