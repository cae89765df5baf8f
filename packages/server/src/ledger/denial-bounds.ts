/**
 * How many refusals are recorded one by one. Whoever is refused can be refused a million times a minute, so in each
 * minute only the first of a caller have entries of their own; the rest are one entry with their number. Strangers share
 * one such entry and a bound of all together, because an attacker has as many addresses as it likes.
 */
import type { Clock } from "@cairn/kernel/clock";
import { newId } from "@cairn/kernel/id";
import type { AuditEntry } from "@cairn/memory/audit/audit-entry";

export interface DenialBounds {
  /** Whether the entry is to be recorded by itself. */
  readonly takes: (entry: AuditEntry) => boolean;
  /** What was not, of minutes that are over; of this one too where `all`. */
  readonly summaries: (all?: boolean) => readonly AuditEntry[];
}

export interface DenialLimits {
  /** Of one address that showed no credential, and of all of them together, in a minute. */
  readonly ofAddress: number;
  readonly ofStrangers: number;
  /** Of one principal and key. */
  readonly ofCaller: number;
}

export const denialLimits: DenialLimits = { ofAddress: 20, ofStrangers: 200, ofCaller: 60 };

/** Callers whose refusals are counted at a time; the rest of a minute's callers count as one. */
const mostCallers = 10_000;
const minute = 60_000;

const isStranger = ({ credential }: AuditEntry): boolean => credential === "none";

/** What is bounded: refusals, and attempts to sign in that came to nothing. */
const isBounded = (entry: AuditEntry): boolean =>
  entry.outcome === "denied" || (entry.outcome === "failed" && (entry.kind === "sign-in" || isStranger(entry)));

const callerOf = ({ organisation, principal, key }: AuditEntry): string => `${organisation} ${principal} ${key ?? ""}`;
const strangers = "";

export const makeDenialBounds = (clock: Clock, limits: DenialLimits = denialLimits): DenialBounds => {
  let window = 0;
  let counts = new Map<string, number>();
  const left = new Map<string, { last: AuditEntry; count: number }>();
  const over: AuditEntry[] = [];

  const settle = (): void => {
    for (const [name, { last, count }] of left) {
      const whose = name === strangers ? { address: null, instance: null, requestId: "" } : {};
      const about = { operation: "audit.summary", spaces: [], subjects: [`count:${count}`] };
      over.push({ ...last, ...whose, ...about, id: newId(), at: clock() });
    }
    left.clear();
  };

  const begin = (): void => {
    const now = Math.floor(clock() / minute);
    if (now === window) return;
    window = now;
    counts = new Map();
    settle();
  };

  const countOf = (given: string): number => {
    const name = counts.has(given) || counts.size < mostCallers ? given : "others";
    const count = (counts.get(name) ?? 0) + 1;
    counts.set(name, count);
    return count;
  };

  const leaveOut = (name: string, last: AuditEntry): false => {
    left.set(name, { last, count: (left.get(name)?.count ?? 0) + 1 });
    return false;
  };

  return {
    takes: (entry) => {
      if (!isBounded(entry)) return true;
      begin();
      if (isStranger(entry)) {
        if (countOf(`from ${entry.address ?? ""}`) > limits.ofAddress) return leaveOut(strangers, entry);
        return countOf(strangers) <= limits.ofStrangers || leaveOut(strangers, entry);
      }
      const caller = callerOf(entry);
      return countOf(caller) <= limits.ofCaller || leaveOut(left.size < mostCallers ? caller : "others", entry);
    },
    summaries: (all = false) => {
      begin();
      if (all) settle();
      return over.splice(0);
    },
  };
};
