/**
 * What every queue of jobs promises. An adapter's test calls `describeJobs` with a factory of handles: handles of one
 * `setup` work on the same queue, as servers of one database and processes of one data folder do.
 */
import { describe } from "vitest";
import { describeFailing } from "./jobs/failing.ts";
import { describeQueueView } from "./jobs/queue-view.ts";
import { describeRunning } from "./jobs/running.ts";
import { describeServers } from "./jobs/servers.ts";
import type { SetUp } from "./jobs/world.ts";

export const describeJobs = (name: string, setUp: SetUp): void => {
  describe(`the queue of jobs: ${name}`, () => {
    describeRunning(setUp);
    describeFailing(setUp);
    describeServers(setUp);
    describeQueueView(setUp);
  });
};
