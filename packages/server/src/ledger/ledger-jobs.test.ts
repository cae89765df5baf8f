import { openSqliteJobs } from "@cairn/jobs/sqlite-jobs";
import { newId } from "@cairn/kernel/id";
import { homeOrganisation } from "@cairn/memory/permission/identity";
import { remember } from "@cairn/operations/operations/memories/remember";
import { makePipeline } from "@cairn/operations/pipeline";
import { setUpOperations } from "@cairn/testing/setup-operations";
import { expect, test } from "vitest";
import { join } from "node:path";
import { setUpLedger } from "@cairn/testing/ledger-setup";

const hour = 3_600_000;

test("TEN-6 TEN-8 once an hour what is stored is measured, and notes that a crash left are collected", async () => {
  await using setup = await setUpLedger();
  const ledger = setup.open({ clock: () => Date.now() + hour });
  const spaces = await Promise.all(["a", "b"].map((name) => setup.directory.create({ name, description: null })));
  for (const { id } of spaces) await setup.engine.create(id);
  const { services, caller } = setUpOperations({ engine: setup.engine, directory: setup.directory });
  const pipeline = makePipeline(services, { audits: async () => true });
  for (const content of ["Anna drinks green tea.", "Ben lives in Kiel."])
    await pipeline.call(remember, caller, { content, space: "a" });
  await setup.directoryLedger.apply({ spool: newId(), number: 1, entries: [], counts: [] });
  const jobs = openSqliteJobs({
    file: join(setup.data, "jobs.db"),
    types: ledger.jobs(),
    clock: () => Date.now() + hour,
    pollMs: 10,
  });
  jobs.start();
  try {
    await jobs.enqueueAll("usage-measure", [{ payload: null, key: "now" }]);
    const asked = {
      organisation: homeOrganisation,
      from: "2000-01-01",
      to: "2999-01-01",
      by: "none",
      limit: 10,
    } as const;
    const measured = async () =>
      (await setup.directoryLedger.levels(asked)).filter(({ metric }) => metric === "memories_stored");
    // The default space of the fake directory is one more.
    await expect.poll(measured, { timeout: 10_000 }).toHaveLength(3);
    const amounts = new Map((await measured()).map(({ space, amount }) => [space, amount]));
    expect([amounts.get(spaces[0]!.id), amounts.get(spaces[1]!.id)]).toEqual([2, 0]);
    expect(await setup.engine.read(spaces[0]!.id).notes(10)).toEqual([]);
    expect(await setup.chained(homeOrganisation)).toHaveLength(2);
  } finally {
    await jobs.close();
  }
});
