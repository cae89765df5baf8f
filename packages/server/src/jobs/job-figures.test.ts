import { expect, test } from "vitest";
import { flatFigures } from "../observe/figures.ts";
import { jobFigures } from "./job-figures.ts";

const process = { done: 5, failures: 2, exhausted: 1, running: 1 };

test("OPS-4 jobs are told by name and state, and all together also while there are none", () => {
  const counts = [
    { name: "sweep", waiting: 1, due: 0, running: 0, failed: 0, oldestDueMs: null },
    { name: "sweep-space", waiting: 7, due: 3, running: 1, failed: 2, oldestDueMs: 4_500 },
  ];
  const told = Object.fromEntries(flatFigures("cairn_jobs", jobFigures(counts, process)));
  expect(told).toMatchObject({
    cairn_jobs_waiting: 8,
    cairn_jobs_due: 3,
    cairn_jobs_running: 1,
    cairn_jobs_failed: 2,
    cairn_jobs_oldest_due_seconds: 4.5,
    cairn_jobs_by_name_sweep_waiting: 1,
    cairn_jobs_by_name_sweep_space_waiting: 7,
    cairn_jobs_by_name_sweep_space_oldest_due_seconds: 4.5,
    cairn_jobs_process_done: 5,
    cairn_jobs_process_exhausted: 1,
  });
  const none = Object.fromEntries(flatFigures("cairn_jobs", jobFigures([], process)));
  expect(none).toMatchObject({ cairn_jobs_waiting: 0, cairn_jobs_failed: 0, cairn_jobs_oldest_due_seconds: 0 });
  expect(Object.keys(none).filter((name) => name.includes("by_name"))).toEqual([]);
});
