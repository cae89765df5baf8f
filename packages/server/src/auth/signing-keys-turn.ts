/**
 * Whose turn it is to sign, as rules over the keys that there are: the newest that has begun signs, so that a key signs
 * until its successor does; and a key is published from before it signs until its last token has ended. Times are
 * milliseconds.
 */
import type { SigningKey } from "@cairn/directory/tokens/token-directory";
import type { Millis } from "@cairn/kernel/clock";

const minute = 60_000;
const day = 86_400_000;

/** How long others may keep what we publish. */
export const publishedForMs = 5 * minute;
/** How long a key is published before it signs: longer than others may keep the list without it. */
export const leadMs = 2 * publishedForMs;
export const turnMs = 30 * day;
/** How long before the end of a turn the next key is made, so that a server that is rarely asked has it in time. */
export const earlyMs = day;
/** Of a token of ours. */
export const longestTokenMs = 60 * minute;
/** Clocks of servers differ. */
const graceMs = minute;

/** When the first of the keys after it begins to sign; infinite where none does. */
const retiredAt = ({ generation }: SigningKey, keys: readonly SigningKey[]): Millis =>
  Math.min(...keys.filter((one) => one.generation > generation).map((one) => one.signsFrom));

/** Whether tokens that it signed may still be good. */
export const isPublished = (key: SigningKey, keys: readonly SigningKey[], now: Millis): boolean =>
  now < retiredAt(key, keys) + longestTokenMs + graceMs;

/** Those that may sign now, whose turn it is first. `keys`: the newest first. */
export const signersOf = (keys: readonly SigningKey[], now: Millis): readonly SigningKey[] => {
  const begun = keys.filter((key) => key.signsFrom <= now && isPublished(key, keys, now));
  // The first of all was made by a server whose clock is ahead.
  return begun.length > 0 ? begun : keys.slice(-1);
};

/** When the next key should begin to sign; null: it is there already, or not due yet. */
export const nextTurnOf = (keys: readonly SigningKey[], now: Millis): Millis | null => {
  const [newest] = keys;
  if (newest === undefined) return now;
  const due = newest.signsFrom + turnMs;
  return now < due - earlyMs ? null : Math.max(due, now + leadMs);
};

/** Generations that nothing needs any more. */
export const spentOf = (keys: readonly SigningKey[], now: Millis): readonly number[] =>
  keys.filter((key) => !isPublished(key, keys, now)).map(({ generation }) => generation);
