/**
 * The arithmetic of rates: a sliding window made of two counters. Time is cut into windows of one length; what passed in
 * the window before counts for as much of it as the last `span` milliseconds still cover, so that nobody gets twice the
 * rate at the edge of two windows, as with fixed ones. Two numbers a key, whatever the rate.
 *
 * Only calls that were let through count: who is refused and waits as long as it was told comes through.
 */

export interface RateRow {
  /** Which window, counted from 1970. */
  readonly number: number;
  /** Let through in it, and in the one before. */
  readonly count: number;
  readonly previous: number;
}

export interface RateAnswer {
  readonly admitted: boolean;
  /** Whole calls that would be let through now. */
  readonly remaining: number;
  /** Until the window ends, milliseconds. */
  readonly resetMs: number;
  /** Until the next call would be let through, milliseconds; 0 while some remain. */
  readonly retryAfterMs: number;
}

/** Brings a row to the window of `at`. A clock that was set back stays at the beginning of the newest window seen. */
export const rolled = (row: RateRow | null, span: number, at: number): RateRow => {
  const number = Math.floor(at / span);
  if (row === null || number > row.number + 1) return { number, count: 0, previous: 0 };
  if (number === row.number + 1) return { number, count: 0, previous: row.count };
  return row;
};

const elapsedOf = ({ number }: RateRow, span: number, at: number): number => Math.max(0, at - number * span);

/** In calls times `span`, so that it is a whole number: what of the last `span` milliseconds is used. */
const weightOf = (row: RateRow, span: number, at: number): number =>
  row.previous * (span - elapsedOf(row, span, at)) + row.count * span;

export const hasRoom = (row: RateRow, most: number, span: number, at: number): boolean =>
  weightOf(row, span, at) + span <= most * span;

const untilRoom = (row: RateRow, most: number, span: number, at: number): number => {
  if (hasRoom(row, most, span, at)) return 0;
  const left = span - elapsedOf(row, span, at);
  if (row.count + 1 <= most && row.previous > 0)
    return Math.max(1, Math.ceil(left - ((most - row.count - 1) * span) / row.previous));
  // In the next window, when enough of this one has passed out of sight.
  return left + Math.max(0, Math.ceil(span - ((most - 1) * span) / Math.max(1, row.count)));
};

/** What a row, brought to the window of `at` and counted, says. `admitted`: of the call that it was counted for. */
export const answerOf = (row: RateRow, most: number, span: number, at: number, admitted: boolean): RateAnswer => ({
  admitted,
  remaining: Math.max(0, Math.floor((most * span - weightOf(row, span, at)) / span)),
  resetMs: span - elapsedOf(row, span, at),
  retryAfterMs: untilRoom(row, most, span, at),
});
