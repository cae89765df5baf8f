/** Rows of `steps/limits.ts`. Times are milliseconds since 1970 UTC. */
export interface LimitRatesTable {
  readonly key: string;
  /** Milliseconds of a window, and calls in it. */
  readonly span: number;
  readonly most: number;
  readonly at: number;
  readonly number: number;
  readonly count: number;
  readonly previous: number;
  /** 1: the call that was counted last was let through. */
  readonly admitted: number;
}

export interface LimitUsageTable {
  readonly organisation: string;
  /** A `LevelName` or `MonthlyName`. */
  readonly name: string;
  /** A month; empty for levels. */
  readonly period: string;
  /** What is reserved is in it. */
  readonly used: number;
  readonly pending: number;
  readonly changes: number;
  /** Of the last question: how much of how many, known for how long, and whether it was granted. */
  readonly asked: number;
  readonly most: number;
  readonly known_for: number | null;
  readonly granted: number;
  /** Null: a level that nobody has looked at. */
  readonly surveyed_at: number | null;
  readonly updated_at: number;
}

export interface LimitsTables {
  readonly limit_rates: LimitRatesTable;
  readonly limit_usage: LimitUsageTable;
}
