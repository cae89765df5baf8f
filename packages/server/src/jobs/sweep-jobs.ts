/**
 * Time's work on every space (`sweep.ts`) as jobs: once an hour one server puts in a job for each space, and all servers
 * share them. A space that cannot be swept is tried again and seen by operators; the others do not notice.
 */
import { CairnError } from "@cairn/kernel/error";
import { isUuid } from "@cairn/kernel/id";
import { defineJob, jobLimits, type JobType } from "@cairn/jobs/job-type";
import type { SpaceRecord } from "@cairn/directory/space-directory";
import type { Services } from "@cairn/operations/context";
import { sweepBounds } from "./sweep.ts";

export type SweepServices = Pick<Services, "directory" | "engine" | "clock" | "settings">;

interface OneSpace {
  readonly space: string;
}

export interface SweepJobsOptions {
  /** Spaces at a time. */
  readonly portion?: number;
  /** Told of a space from which something went. */
  readonly swept?: (space: string) => Promise<void>;
}

const minute = 60_000;
/** After what people wait for, should there ever be such jobs. */
const priority = 10;

const parseSpace = (payload: unknown): OneSpace => {
  const space = typeof payload === "object" && payload !== null && "space" in payload ? payload.space : null;
  if (typeof space !== "string" || !isUuid(space)) {
    throw new CairnError("request.invalid", "The job does not name a space.", { hint: "Give the id of a space." });
  }
  return { space };
};

/**
 * `sweep`, which puts in one `sweep-space` for each space, a portion at a time; the same as it found waiting there is not
 * put in twice.
 */
export const sweepJobs = (
  services: SweepServices,
  { portion = jobLimits.batch, swept = async () => undefined }: SweepJobsOptions = {},
): readonly JobType[] => {
  const { directory, engine, settings } = services;
  const sweep = defineJob({
    name: "sweep",
    parse: () => null,
    schedule: { everyMs: 60 * minute, firstMs: minute / 2, jitterMs: minute },
    run: async (_payload, { jobs, signal }) => {
      for (let after: string | null = null; ;) {
        signal.throwIfAborted();
        const spaces: readonly SpaceRecord[] = await directory.page({ after, limit: portion });
        await jobs.enqueueAll(
          "sweep-space",
          spaces.map(({ id }) => ({ payload: { space: id }, key: id, queue: id, priority })),
        );
        after = spaces.at(-1)?.id ?? null;
        if (spaces.length < portion) return;
      }
    },
  });
  const sweepSpace = defineJob({
    name: "sweep-space",
    parse: parseSpace,
    retries: 3,
    run: async ({ space }) => {
      // Asking about a space that was removed meanwhile would make its file anew.
      if ((await directory.resolve(space)) === null) return;
      const writer = engine.write(space, { principal: "cairn", instance: settings.instance });
      const { expired, purged, sessions } = await writer.sweep(sweepBounds(services));
      if (expired + purged + sessions > 0) await swept(space);
    },
  });
  return [sweep, sweepSpace];
};
