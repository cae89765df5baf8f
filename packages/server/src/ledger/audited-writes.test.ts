import { spacesOver } from "@cairn/directory/spaces-over";
import { defaultSpaceId } from "@cairn/directory/space-directory";
import { homeOrganisation } from "@cairn/memory/permission/identity";
import { openEngineAt } from "@cairn/testing/crash/open-engine";
import { runUntilKilled } from "@cairn/testing/crash/run-until-killed";
import { setUpLedger } from "@cairn/testing/ledger-setup";
import { expect, test } from "vitest";

test("TEN-8 of servers that are killed while they write, every write is in the audit, once, and nothing else is", async () => {
  await using setup = await setUpLedger();
  const told: string[] = [];
  const run = (lifeMs: number) =>
    runUntilKilled("./audited-worker.ts", [setup.data], lifeMs, (line) => told.push((line as { id: string }).id));
  await Promise.all([run(120), run(300)]);
  const engine = openEngineAt(setup.data, 1);
  try {
    const directory = { ...spacesOver(setup.database, Date.now), close: async () => undefined };
    // Notes of what was under way at the kill are old enough by then.
    const next = setup.open({ engine, directory, clock: () => Date.now() + 60_000, everyMs: 10 });
    next.start();
    const reader = engine.read(defaultSpaceId);
    const { memories } = await reader.stats();
    await expect
      .poll(async () => {
        await next.flush();
        return (await setup.directoryLedger.links(homeOrganisation, 0, 1_000)).length;
      })
      .toBeGreaterThanOrEqual(Math.min(told.length, 1_000));
    await next.collectNotes(homeOrganisation);
    await next.close();
    const ids = await setup.chained(homeOrganisation);
    expect(memories).toBeGreaterThanOrEqual(told.length);
    // One entry for each memory there is: those that were acknowledged, and those whose call the kill cut off.
    expect(ids).toHaveLength(memories);
    expect(new Set(ids).size).toBe(ids.length);
    const subjects = new Set<string>();
    for (let after = 0; after < ids.length; after += 1_000) {
      const links = await setup.directoryLedger.links(homeOrganisation, after, 1_000);
      for (const { entry } of links) for (const id of entry.subjects) subjects.add(id);
    }
    expect(told.filter((id) => !subjects.has(id))).toEqual([]);
    expect(await reader.notes(10)).toEqual([]);
    expect(setup.failures).toEqual([]);
  } finally {
    await engine.close();
  }
});
