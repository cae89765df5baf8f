/**
 * Time's work on every space: what has expired is deleted, transcripts past their retention go, and what was deleted
 * long enough ago is erased for good. Reads never return what has expired, so a late sweep costs space, not truth.
 */
import { minMillis } from "@cairn/kernel/clock";
import type { Services } from "@cairn/operations/context";

/** Until when what has passed its time goes, as of now. */
export const sweepBounds = ({ clock, settings }: Pick<Services, "clock" | "settings">) => {
  const now = clock();
  const before = (retention: number): number => Math.max(minMillis, now - retention);
  return {
    now,
    sessionsBefore: before(settings.sessionRetentionMs),
    purgeBefore: before(settings.deletedRetentionMs),
  };
};
