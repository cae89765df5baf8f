/**
 * Time's work on every space: what has expired is deleted, transcripts past their retention go, and what was deleted
 * long enough ago is erased for good. Reads never return what has expired, so a late sweep costs space, not truth.
 */
import { minMillis } from "@cairn/kernel/clock";
import type { Services } from "@cairn/operations/context";

export interface SweepOptions {
  /** Milliseconds after the start until the first sweep, and between two. */
  readonly after?: number;
  readonly every?: number;
  /** Told of a space that could not be swept, and of nothing else. */
  readonly failed?: (error: unknown) => void;
}

const hour = 3_600_000;

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

/** Sweeps every space once; one that fails does not keep the others waiting. */
export const sweepAll = async (
  services: Services,
  failed: (error: unknown) => void = () => undefined,
): Promise<void> => {
  const { directory, engine, settings } = services;
  const bounds = sweepBounds(services);
  for (const { id } of await directory.list()) {
    try {
      await engine.write(id, { principal: "cairn", instance: settings.instance }).sweep(bounds);
    } catch (error) {
      failed(error);
    }
  }
};

/** Sweeps now and then until stopped; never keeps the process alive. `stop` waits for a sweep that is under way. */
export const startSweeping = (
  services: Services,
  options: SweepOptions = {},
): { readonly stop: () => Promise<void> } => {
  const { after = 30_000, every = hour, failed = () => undefined } = options;
  let running: Promise<void> = Promise.resolve();
  let stopped = false;
  let timer: NodeJS.Timeout;
  const wait = (milliseconds: number): void => {
    timer = setTimeout(() => {
      running = sweepAll(services, failed)
        .catch(failed)
        .then(() => {
          if (!stopped) wait(every);
        });
    }, milliseconds);
    timer.unref();
  };
  wait(after);
  return {
    stop: async () => {
      stopped = true;
      clearTimeout(timer);
      await running;
    },
  };
};
