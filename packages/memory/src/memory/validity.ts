/** When what a memory says holds. */
import type { Millis } from "@cairn/kernel/clock";
import type { Memory } from "./memory.ts";

/** Whether `at` lies outside the time in which the memory is valid: from `validFrom` until before `validUntil`. */
export const isOutside = ({ validFrom, validUntil }: Pick<Memory, "validFrom" | "validUntil">, at: Millis): boolean =>
  (validUntil !== null && validUntil <= at) || (validFrom !== null && validFrom > at);
