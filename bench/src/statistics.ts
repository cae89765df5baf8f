/** How sure a mean or a difference is, by the bootstrap (Efron 1979): the questions are drawn again with replacement. */
import { seeded } from "./random.ts";

const rounds = 2_000;

/** NaN of nothing. */
export const mean = (values: readonly number[]): number => values.reduce((sum, one) => sum + one, 0) / values.length;

const resampledMeans = (values: readonly number[]): readonly number[] => {
  const next = seeded(1979);
  return Array.from({ length: rounds }, () => {
    let sum = 0;
    for (let drawn = 0; drawn < values.length; drawn++) sum += values[Math.floor(next() * values.length)] ?? 0;
    return sum / values.length;
  });
};

const deviation = (values: readonly number[]): number => {
  const middle = mean(values);
  return Math.sqrt(mean(values.map((value) => (value - middle) ** 2)));
};

/** Of the mean, in its unit; the same on every run. */
export const standardError = (values: readonly number[]): number => deviation(resampledMeans(values));

export interface Difference {
  /** Mean of `now` less mean of `before`. */
  readonly difference: number;
  readonly standardError: number;
  /** 95 % of the resampled differences lie between these. */
  readonly low: number;
  readonly high: number;
}

/** Of two runs over the same questions in the same order, so that what makes questions hard cancels out. */
export const pairedDifference = (before: readonly number[], now: readonly number[]): Difference => {
  const differences = now.map((value, at) => value - (before[at] ?? Number.NaN));
  const means = resampledMeans(differences).toSorted((one, other) => one - other);
  return {
    difference: mean(differences),
    standardError: deviation(means),
    low: means[Math.floor(rounds * 0.025)] ?? Number.NaN,
    high: means[Math.ceil(rounds * 0.975) - 1] ?? Number.NaN,
  };
};

export interface Percentiles {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
}

/** Nearest rank; NaN of nothing. */
export const percentiles = (times: readonly number[]): Percentiles => {
  const sorted = times.toSorted((one, other) => one - other);
  const at = (share: number): number =>
    sorted[Math.max(0, Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1))] ?? Number.NaN;
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99) };
};
