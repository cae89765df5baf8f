/** What one answer to one question is worth, from 0 to 1, by how much of the evidence is in it and how early. */

export interface Score {
  /** Part of the evidence that was found. */
  readonly recall: number;
  readonly any: number;
  readonly all: number;
  /** One over the rank of the first evidence, 0 where none was found (MRR is its mean). */
  readonly reciprocal: number;
  readonly ndcg: number;
}

export type Metric = keyof Score;
export const metrics: readonly Metric[] = ["recall", "any", "all", "reciprocal", "ndcg"];

const discounted = (gains: readonly number[]): number =>
  gains.reduce((sum, gain, at) => sum + gain / Math.log2(at + 2), 0);

/**
 * `found` is in order, the best first, and already cut to the limit of the measure; an id that comes again counts once.
 * nDCG with the grade itself as gain and log2 as discount (Järvelin and Kekäläinen 2002, as trec_eval computes it).
 */
export const scoreAnswer = (
  found: readonly string[],
  gold: readonly string[],
  limit: number,
  grades: Readonly<Record<string, number>> = {},
): Score => {
  const wanted = new Set(gold);
  const gradeOf = (id: string): number => (wanted.has(id) ? (grades[id] ?? 1) : 0);
  const ranked = [...new Set(found)].slice(0, limit);
  const hits = ranked.filter((id) => wanted.has(id)).length;
  const firstHit = ranked.findIndex((id) => wanted.has(id));
  const ideal = [...wanted].map(gradeOf).toSorted((one, other) => other - one);
  return {
    recall: hits / wanted.size,
    any: hits > 0 ? 1 : 0,
    all: hits === wanted.size ? 1 : 0,
    reciprocal: firstHit < 0 ? 0 : 1 / (firstHit + 1),
    ndcg: discounted(ranked.map(gradeOf)) / discounted(ideal.slice(0, limit)),
  };
};
