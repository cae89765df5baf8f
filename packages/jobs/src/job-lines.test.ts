import { expect, test } from "vitest";
import { countLines, jobLines } from "./job-lines.ts";
import { jobSamples } from "./job-samples.ts";
import type { JobRecord } from "./jobs.ts";

const now = Date.parse("2030-01-02T03:04:05Z");
const job: JobRecord = {
  id: "7",
  name: "sweep-space",
  state: "waiting",
  key: "a key",
  queue: "q",
  priority: 0,
  attempts: 1,
  mostAttempts: 4,
  createdAt: now,
  runAt: now + 90_000,
  startedAt: null,
  failure: { code: "storage.busy", message: "The database is busy." },
};
const counts = [{ name: "sweep-space", waiting: 3, due: 2, running: 1, failed: 4, oldestDueMs: 7_260_000 }];

test("OPS-5 operators read jobs a line each, without keys", () => {
  const running: JobRecord = {
    ...job,
    id: "12",
    state: "running",
    startedAt: now - 600_000,
    queue: null,
    failure: null,
  };
  const lines = jobLines([job, running, { ...running, state: "failed" }, { ...job, runAt: now - 5_000 }], now);
  expect(lines).toEqual([
    "id  job          state    when                      tries  queue  last failure",
    "7   sweep-space  waiting  in 90 s                   1/4    q      storage.busy: The database is busy.",
    "12  sweep-space  running  for 10 min                1/4    -      -",
    "12  sweep-space  failed   2030-01-02T03:05:35.000Z  1/4    -      -",
    "7   sweep-space  waiting  due for 5 s               1/4    q      storage.busy: The database is busy.",
  ]);
  expect(countLines(counts)).toEqual([
    "job          waiting  due  running  failed  oldest due",
    "sweep-space  3        2    1        4       2 h",
  ]);
});

test("OPS-4 the queue in numbers: by name and state, how late it is, and what this process did", () => {
  const samples = jobSamples(counts, { done: 5, failures: 2, exhausted: 1, running: 0 });
  const values = Object.fromEntries(samples.map(({ name, values }) => [name, values]));
  expect(values["cairn_jobs"]).toContainEqual({ labels: { job: "sweep-space", state: "due" }, value: 2 });
  expect(values["cairn_jobs_oldest_due_seconds"]).toEqual([{ labels: { job: "sweep-space" }, value: 7_260 }]);
  expect(values["cairn_jobs_exhausted_total"]).toEqual([{ labels: {}, value: 1 }]);
});
