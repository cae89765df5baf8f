/** The port `Jobs` over an engine's store: checks what is put in, and runs it. */
import { CairnError } from "@cairn/kernel/error";
import { checkedJob, checkedList, isJobId } from "./checked-job.ts";
import type { JobStore, NewJob } from "./job-store.ts";
import { jobLimits, type JobType } from "./job-type.ts";
import type { Enqueues, Jobs } from "./jobs.ts";
import { makeWorker, type WorkerOptions } from "./worker.ts";

const stopLimitMs = 10_000;

export const makeJobs = (store: JobStore, types: readonly JobType[], options: WorkerOptions = {}): Jobs => {
  const byName = new Map(types.map((type) => [type.name, type]));
  if (byName.size < types.length) throw new CairnError("internal", "Two jobs were declared under one name.");

  const typeOf = (name: string): JobType => {
    const type = byName.get(name);
    if (type !== undefined) return type;
    const hint = `Jobs here: ${[...byName.keys()].join(", ") || "none"}.`;
    throw new CairnError("request.invalid", "There is no job of that name.", { hint });
  };
  const enqueues: Enqueues = {
    enqueue: async (name, payload, given = {}) => {
      const [id = ""] = await store.add([checkedJob(typeOf(name), { ...given, payload })]);
      worker.wake();
      return id;
    },
    enqueueAll: async (name, jobs) => {
      if (jobs.length > jobLimits.batch) {
        const hint = `Put in at most ${jobLimits.batch} at once.`;
        throw new CairnError("request.too_large", "These are too many jobs.", { hint });
      }
      const type = typeOf(name);
      const checked = jobs.map((job) => checkedJob(type, job));
      if (checked.length > 0) await store.add(checked);
      worker.wake();
    },
  };
  const scheduled = (type: JobType): NewJob => checkedJob(type, { payload: {}, key: "schedule" });
  const worker = makeWorker(store, byName, scheduled, enqueues, options);
  let closing: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    await worker.stop(stopLimitMs);
    await store.close();
  };
  return {
    ...enqueues,
    list: async (given = {}) => store.list(checkedList(given)),
    counts: () => store.counts(),
    retry: async (id) => {
      const done = isJobId(id) && (await store.retry(id));
      if (done) worker.wake();
      return done;
    },
    remove: async (id) => isJobId(id) && store.remove(id),
    start: worker.start,
    stop: (limitMs = stopLimitMs) => worker.stop(limitMs),
    figures: worker.figures,
    close: () => (closing ??= close()),
  };
};
