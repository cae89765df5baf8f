/**
 * Background work of limits: once an hour one server looks how much each organisation really has of what its plan limits
 * (`levels.ts`), and what nobody counts any more is deleted.
 */
import type { LimitCounters } from "@cairn/directory/limits/limit-counters";
import type { OrganisationDirectory } from "@cairn/directory/organisations/organisation-directory";
import { defineJob, type JobType } from "@cairn/jobs/job-type";
import type { Clock } from "@cairn/kernel/clock";
import { type CairnError, toCairnError } from "@cairn/kernel/error";
import { monthOf } from "@cairn/memory/plan/plan";
import type { OpenCallLimits } from "./call-limits.ts";

export interface LimitJobsOptions {
  readonly limits: Pick<OpenCallLimits, "reconcile">;
  readonly counters: Pick<LimitCounters, "prune">;
  readonly organisations: Pick<OrganisationDirectory, "page">;
  readonly clock: Clock;
}

const minute = 60_000;
const portion = 500;
/** Months whose counts are kept besides the present one: two, as usage has its own history. */
const keptMs = 62 * 24 * 60 * minute;

export const limitJobs = ({ limits, counters, organisations, clock }: LimitJobsOptions): readonly JobType[] => [
  defineJob({
    name: "reconcile-limits",
    parse: () => null,
    schedule: { everyMs: 60 * minute, firstMs: minute, jitterMs: minute },
    retries: 1,
    timeoutMs: 50 * minute,
    run: async (_payload, { signal }) => {
      const failures: CairnError[] = [];
      for (let after: string | null = null; ;) {
        const page: Awaited<ReturnType<OrganisationDirectory["page"]>> = await organisations.page({
          after,
          limit: portion,
        });
        for (const { id } of page) {
          signal.throwIfAborted();
          // One whose spaces cannot be asked keeps nobody else from being looked at.
          await limits.reconcile(id).catch((error: unknown) => void failures.push(toCairnError(error)));
        }
        after = page.at(-1)?.id ?? null;
        if (page.length < portion) break;
      }
      await counters.prune(monthOf(clock() - keptMs));
      const [first] = failures;
      if (first !== undefined) throw first;
    },
  }),
];
