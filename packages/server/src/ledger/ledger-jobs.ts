/**
 * The ledger's work on every space, as jobs: once an hour one server puts in a job for each space, and all servers share
 * them. It appends notes that a crash left, and measures what is stored (TEN-6).
 */
import type { LedgerDirectory } from "@cairn/directory/ledger/ledger-directory";
import { dayOf } from "@cairn/directory/ledger/usage";
import type { SpaceDirectory, SpaceRecord } from "@cairn/directory/space-directory";
import { defineJob, jobLimits, type JobType } from "@cairn/jobs/job-type";
import type { Clock } from "@cairn/kernel/clock";
import { CairnError } from "@cairn/kernel/error";
import { isUuid } from "@cairn/kernel/id";
import type { Engine } from "@cairn/memory/space/engine";
import { leftOverMs, type NoteCollector } from "./note-collector.ts";

export interface LedgerJobsOptions {
  readonly engine: Pick<Engine, "read">;
  readonly directory: Pick<SpaceDirectory, "page" | "resolve">;
  readonly ledger: Pick<LedgerDirectory, "setLevels" | "forgetSpools">;
  readonly collect: NoteCollector["collect"];
  readonly clock: Clock;
  readonly portion?: number;
}

const minute = 60_000;
const day = 86_400_000;
/** A spool that nobody wrote to for so long is no more, and neither is a copy of its files. */
const spoolsKeptMs = 90 * day;
/** Behind what people wait for. */
const priority = 10;

const parseSpace = (payload: unknown): { readonly space: string } => {
  const space = typeof payload === "object" && payload !== null && "space" in payload ? payload.space : null;
  if (typeof space === "string" && isUuid(space)) return { space };
  throw new CairnError("request.invalid", "The job does not name a space.", { hint: "Give the id of a space." });
};

export const ledgerJobs = ({
  engine,
  directory,
  ledger,
  collect,
  clock,
  portion = jobLimits.batch,
}: LedgerJobsOptions): readonly JobType[] => {
  const walk = defineJob({
    name: "usage-measure",
    parse: () => null,
    schedule: { everyMs: 60 * minute, firstMs: minute / 2, jitterMs: minute },
    run: async (_payload, { jobs, signal }) => {
      await ledger.forgetSpools(clock() - spoolsKeptMs);
      for (let after: string | null = null; ;) {
        signal.throwIfAborted();
        const spaces: readonly SpaceRecord[] = await directory.page({ after, limit: portion });
        await jobs.enqueueAll(
          "usage-measure-space",
          spaces.map(({ id }) => ({ payload: { space: id }, key: id, queue: id, priority })),
        );
        after = spaces.at(-1)?.id ?? null;
        if (spaces.length < portion) return;
      }
    },
  });
  const measure = defineJob({
    name: "usage-measure-space",
    parse: parseSpace,
    retries: 3,
    run: async ({ space }) => {
      // Of whichever organisation it is; asking the engine about one that is gone would make its file anew.
      const record = await directory.resolve(space);
      if (record === null) return;
      const now = clock();
      await collect(space, now - leftOverMs);
      const { memories, bytes } = await engine.read(space).stats();
      const { organisation } = record;
      const level = { organisation, day: dayOf(now), space };
      await ledger.setLevels([
        { ...level, metric: "memories_stored", amount: memories },
        { ...level, metric: "storage_bytes", amount: Math.round(bytes) },
      ]);
    },
  });
  return [walk, measure];
};
