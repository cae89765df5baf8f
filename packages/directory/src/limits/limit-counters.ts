/**
 * The port of what limits count, exact across all servers on one database: calls in a window (TEN-4), and what an
 * organisation has of what its plan limits (TEN-5). Each question is one statement, so that servers which ask at once
 * together let through exactly what is allowed. Times are the database's own, which all servers share.
 *
 * Rates may be lost when a database dies; levels are made right again by surveys (`survey`). Both databases pass
 * `testing/src/limits-conformance.ts`.
 */
import type { LevelName, MonthlyName } from "@cairn/memory/plan/plan";
import type { RateAnswer } from "./rate-window.ts";

export interface RateHit {
  /** What is counted, such as `tenant <id>`; up to 200 characters. */
  readonly key: string;
  /** Calls in a window, from 1. */
  readonly most: number;
  readonly windowMs: number;
}

export interface Counted {
  readonly organisation: string;
  readonly name: LevelName | MonthlyName;
  /** `2026-03`; empty for levels. */
  readonly period: string;
}

export interface Need extends Counted {
  /** From 0, which only asks whether something is left. */
  readonly amount: number;
  readonly most: number;
  /** A level counts as known for so long after a survey, milliseconds; null: always, as what is counted from zero. */
  readonly knownForMs: number | null;
}

export type NeedOutcome =
  | { readonly need: Need; readonly state: "granted" }
  /** There is less left; `used` so far. */
  | { readonly need: Need; readonly state: "refused"; readonly used: number }
  /** Nobody has looked lately how much there is: survey, and ask again. */
  | { readonly need: Need; readonly state: "unknown" };

export interface Settlement extends Counted {
  /** What `reserve` took for it. */
  readonly reserved: number;
  /** What it came to; negative where something went away. */
  readonly actual: number;
}

/** A level as it stands, told before one looks how much there really is. */
export interface Standing {
  readonly used: number;
  /** Reserved by calls that have not ended. */
  readonly pending: number;
  /** Counts the changes. */
  readonly changes: number;
}

/** All may throw storage.*. */
export interface LimitCounters {
  /** Counts a call under each key that has room, and says how things stand under each; at most 8 keys. */
  readonly hit: (hits: readonly RateHit[]) => Promise<readonly RateAnswer[]>;
  /** How things stand, without counting anything. */
  readonly look: (hits: readonly RateHit[]) => Promise<readonly RateAnswer[]>;
  /** Takes back one call under each key: it was let through there and refused elsewhere. */
  readonly giveBack: (hits: readonly RateHit[]) => Promise<void>;
  /** All of it, or nothing where one of them has no room. */
  readonly reserve: (needs: readonly Need[]) => Promise<readonly NeedOutcome[]>;
  /** What was reserved has come to something; never below 0. */
  readonly settle: (settlements: readonly Settlement[]) => Promise<void>;
  /** Null: it was never asked about. */
  readonly standing: (counted: Counted) => Promise<Standing | null>;
  /**
   * Writes what a look at the truth found. Without `force` only where nothing has changed since `seen` and no call is
   * under way (one that has not ended for 15 minutes died with its server); with it in any case, what is under way on
   * top. False where it was not written.
   */
  readonly survey: (counted: Counted, found: number, seen: Standing | null, force?: boolean) => Promise<boolean>;
  /** Of one organisation, by name: levels, and what is counted in the period. */
  readonly usedBy: (organisation: string, period: string) => Promise<Readonly<Record<string, number>>>;
  /** Deletes rates that nobody used for an hour and periods that ended before `before`; how many there were. */
  readonly prune: (before: string) => Promise<number>;
  readonly close: () => Promise<void>;
}
