import { CairnError } from "@cairn/kernel/error";
import { expect, test } from "vitest";
import { limitJobs } from "./limit-jobs.ts";

const run = async (ids: readonly string[], broken: ReadonlySet<string> = new Set()) => {
  const [looked, pruned]: [string[], string[]] = [[], []];
  const [job] = limitJobs({
    limits: {
      reconcile: async (id) => {
        looked.push(id);
        if (broken.has(id)) throw new CairnError("storage.busy", "Busy.");
      },
    },
    counters: { prune: async (before) => pruned.push(before) },
    organisations: {
      page: async ({ after = null, limit }) =>
        ids
          .filter((id) => after === null || id > after)
          .slice(0, limit)
          .map((id) => ({ id }) as never),
    },
    clock: () => Date.parse("2026-03-14T12:00:00Z"),
  });
  const { signal } = new AbortController();
  const failure = await job!.run(null, { signal, attempt: 1, jobs: {} as never }).catch((error: unknown) => error);
  return { looked, pruned, failure, schedule: job!.schedule };
};

const many = Array.from({ length: 1_201 }, (_, at) => String(at).padStart(5, "0"));

test("TEN-5 an hourly job looks at every organisation, page by page, and deletes months that are long over", async () => {
  const { looked, pruned, failure, schedule } = await run(many);
  expect(looked).toEqual(many);
  expect([pruned, failure, schedule?.everyMs]).toEqual([["2026-01"], undefined, 3_600_000]);
});

test("TEN-5 an organisation whose spaces cannot be asked is told, and keeps nobody else from being looked at", async () => {
  const { looked, pruned, failure } = await run(["a", "b", "c"], new Set(["b"]));
  expect([looked, pruned.length]).toEqual([["a", "b", "c"], 1]);
  expect(failure).toMatchObject({ code: "storage.busy" });
});
