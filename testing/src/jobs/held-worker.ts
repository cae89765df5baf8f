/** A process that begins a job, says so and never ends it, to be killed: `sqlite <file>` or `postgres <url>`. */
import { defineJob } from "@cairn/jobs/job-type";
import { openPostgresJobs } from "@cairn/jobs/postgres-jobs";
import { openSqliteJobs } from "@cairn/jobs/sqlite-jobs";

const [engine = "", place = ""] = process.argv.slice(2);
const held = defineJob({
  name: "held",
  parse: (payload) => payload,
  run: () =>
    new Promise<void>(() => {
      process.stdout.write("running\n");
      setInterval(() => undefined, 1_000);
    }),
});
const types = [held];
const jobs = engine === "sqlite" ? openSqliteJobs({ file: place, types }) : openPostgresJobs({ url: place, types });
jobs.start();
setTimeout(() => process.exit(1), 60_000);
