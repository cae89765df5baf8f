/** The k best of many scored numbers: a binary heap with the worst on top. Equal scores: the larger number (newer) wins. */
export interface TopList {
  readonly offer: (item: number, score: number) => void;
  /** Scores below this would not be kept. */
  readonly floor: () => number;
  /** Best first. */
  readonly best: () => readonly { readonly item: number; readonly score: number }[];
}

export const makeTopList = (size: number): TopList => {
  const items = new Float64Array(size);
  const scores = new Float64Array(size);
  let count = 0;
  const worse = (a: number, b: number): boolean =>
    scores[a]! < scores[b]! || (scores[a] === scores[b] && items[a]! < items[b]!);
  const swap = (a: number, b: number): void => {
    [items[a], items[b]] = [items[b]!, items[a]!];
    [scores[a], scores[b]] = [scores[b]!, scores[a]!];
  };
  const sink = (): void => {
    for (let at = 0; ;) {
      const left = 2 * at + 1;
      if (left >= count) return;
      const right = left + 1;
      const least = right < count && worse(right, left) ? right : left;
      if (!worse(least, at)) return;
      swap(least, at);
      at = least;
    }
  };
  return {
    offer: (item, score) => {
      if (size === 0) return;
      if (count === size) {
        if (score < scores[0]! || (score === scores[0] && item < items[0]!)) return;
        items[0] = item;
        scores[0] = score;
        sink();
        return;
      }
      items[count] = item;
      scores[count] = score;
      for (let at = count++; at > 0;) {
        const parent = (at - 1) >> 1;
        if (!worse(at, parent)) break;
        swap(at, parent);
        at = parent;
      }
    },
    floor: () => (size > 0 && count === size ? scores[0]! : Number.NEGATIVE_INFINITY),
    best: () =>
      Array.from({ length: count }, (_, at) => ({ item: items[at]!, score: scores[at]! })).sort(
        (a, b) => b.score - a.score || b.item - a.item,
      ),
  };
};
