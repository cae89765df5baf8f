import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { DirectoryDatabase } from "@cairn/directory/database/directory-database";
import { CairnError } from "@cairn/kernel/error";
import { newId } from "@cairn/kernel/id";
import { anonymousIdentity, homeOrganisation } from "@cairn/memory/permission/identity";
import { unlimited } from "@cairn/operations/limits";
import type { Operation } from "@cairn/operations/operation";
import { describe, expect, test } from "vitest";
import { entryOfCall } from "./call-records.ts";
import { addOrganisation, identityIn, makeRecord, setUpLedger } from "@cairn/testing/ledger-setup";
import { spoolLine } from "./spool-record.ts";
import { freshLedger, recordedLimits } from "./wire-ledger.ts";

const upTo = (count: number): readonly number[] => Array.from({ length: count }, (_, index) => index);
const spoolFiles = (folder: string): readonly string[] =>
  existsSync(folder)
    ? readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".jsonl"))
    : [];

describe("the ledger of a server", () => {
  test("TEN-6 TEN-8 has what happened when it was flushed, and leaves no file", async () => {
    await using setup = await setUpLedger();
    const ledger = setup.open();
    const identity = identityIn(setup.organisation, { key: "k" });
    const records = upTo(1_203).map(() => makeRecord(identity, { usage: { queries: 2, memories: 3, embeddings: 4 } }));
    for (const record of records) ledger.record(record);
    ledger.record(makeRecord(identity, { usage: { memories: -5 } }));
    ledger.bandwidth({ identity, space: null, bytesIn: 7, bytesOut: 8 });
    await ledger.flush();
    expect((await setup.chained()).slice(0, -1)).toEqual(records.map(({ id }) => id));
    expect(spoolFiles(setup.spools)).toEqual([]);
    for (const [metric, amount] of [
      ["calls", 1_204],
      ["queries", 2_406],
      ["memories_created", 3_609],
      ["memories_deleted", 5],
      ["embeddings", 4_812],
      ["bytes_in", 7],
      ["bytes_out", 8],
    ] as const)
      expect(await setup.used(metric), metric).toBe(amount);
    await ledger.close();
    expect(readdirSync(setup.spools)).toEqual([]);
  });

  test("TEN-8 writes nothing of what is not audited, and opens nothing for it", async () => {
    await using setup = await setUpLedger();
    const ledger = setup.open();
    ledger.record(makeRecord(identityIn(setup.organisation), { audit: "none" }));
    expect(existsSync(setup.spools)).toBe(false);
  });

  test("TEN-6 a refused call costs nothing, a failed one is a call", async () => {
    await using setup = await setUpLedger();
    const ledger = setup.open();
    const identity = identityIn(setup.organisation);
    ledger.record(makeRecord(identity, { outcome: "denied", code: "auth.scope_missing", usage: {} }));
    ledger.record(makeRecord(identity, { outcome: "failed", code: "request.invalid", usage: {} }));
    await ledger.flush();
    expect(await setup.used("calls")).toBe(1);
    expect(await setup.chained()).toHaveLength(2);
  });

  test("TEN-6 tells spaces, keys and people apart", async () => {
    await using setup = await setUpLedger();
    const ledger = setup.open();
    const { organisation } = setup;
    ledger.record(makeRecord(identityIn(organisation, { key: "k" }), { spaces: ["a"] }));
    ledger.record(makeRecord(identityIn(organisation), { spaces: ["a", "b"] }));
    ledger.record(makeRecord(identityIn(organisation, { principal: "local" })));
    await ledger.flush();
    const period = { from: "2000-01-01", to: "2999-01-01", limit: 100 };
    const rows = await setup.directoryLedger.usage({ organisation, ...period, by: "space_key" });
    const calls = rows.filter(({ metric }) => metric === "calls");
    expect(calls.map(({ space, key }) => [space, key])).toEqual([
      ["", ""],
      ["", "user:anna"],
      ["a", "k"],
    ]);
  });

  test("TEN-8 keeps what happened while the directory is away, and applies it afterwards", async () => {
    await using setup = await setUpLedger();
    let isAway = true;
    const database: DirectoryDatabase = {
      ...setup.database,
      write: (topics, work) =>
        isAway ? Promise.reject(new CairnError("storage.unavailable", "away")) : setup.database.write(topics, work),
    };
    const ledger = setup.open({ database });
    const records = upTo(5).map(() => makeRecord(identityIn(setup.organisation)));
    for (const record of records) {
      ledger.record(record);
      await expect(ledger.flush()).rejects.toMatchObject({ code: "storage.unavailable" });
    }
    await ledger.check();
    expect(ledger.figures()["waitingSegments"]).toBe(5);
    isAway = false;
    await ledger.flush();
    expect(await setup.chained()).toEqual(records.map(({ id }) => id));
  });

  test("TEN-8 refuses calls when too much waits, and takes them again when it is applied", async () => {
    await using setup = await setUpLedger();
    let isAway = true;
    const database: DirectoryDatabase = {
      ...setup.database,
      write: (topics, work) =>
        isAway ? Promise.reject(new CairnError("storage.unavailable", "away")) : setup.database.write(topics, work),
    };
    const ledger = setup.open({ database, mostBytes: 1_000 });
    const identity = identityIn(setup.organisation);
    const limits = recordedLimits(unlimited, ledger);
    const admit = (audit: Operation["audit"]) =>
      limits.admit(makeRecord(identity).caller, { audit } as unknown as Operation);
    const recorded = upTo(3).map(() => makeRecord(identity));
    for (const record of recorded) ledger.record(record);
    await admit("read");
    await expect(ledger.flush()).rejects.toThrow();
    const refused = { code: "storage.unavailable" };
    await expect(admit("read")).rejects.toMatchObject(refused);
    await expect(ledger.check()).rejects.toMatchObject(refused);
    await admit("none");
    const [read, write] = [makeRecord(identity), makeRecord(identity, { audit: "write" })];
    expect(() => ledger.record(read)).toThrow("recorded");
    // It is done, and its note is in its own transaction.
    ledger.record(write);
    isAway = false;
    await expect(ledger.flush()).resolves.toBeUndefined();
    await ledger.flush();
    await admit("read");
    await ledger.check();
    const all = [...recorded, read, write].map(({ id }) => id);
    expect(await setup.chained()).toEqual(all);
  });

  test("TEN-8 answers no read that cannot be written down, and takes calls again when it can", async () => {
    await using setup = await setUpLedger();
    // A file where the folder of spools should be.
    writeFileSync(setup.spools, "");
    const ledger = setup.open();
    const record = makeRecord(identityIn(setup.organisation));
    expect(() => ledger.record(record)).toThrow(CairnError);
    expect(() => ledger.ready()).toThrow(CairnError);
    expect(setup.failures).toHaveLength(1);
    rmSync(setup.spools);
    await ledger.check();
    ledger.ready();
    await ledger.flush();
    expect(await setup.chained()).toEqual([record.id]);
  });

  test("TEN-8 takes over what processes left that are no more, and not of one that lives", async () => {
    await using setup = await setUpLedger();
    const identity = identityIn(setup.organisation);
    const left = makeRecord(identity);
    const leave = (owner: object): string => {
      const folder = join(setup.spools, newId());
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, "owner.json"), JSON.stringify(owner));
      const entry = entryOfCall(left)!;
      writeFileSync(join(folder, "0000000001.jsonl"), `${spoolLine({ entry })}{"entry":{"id":"torn`);
      return folder;
    };
    const elsewhere = leave({ pid: 1, space: "another machine" });
    const ledger = setup.open({ everyMs: 5 });
    ledger.start();
    // Its own tick comes after it looked around.
    ledger.record(makeRecord(identity));
    await expect.poll(() => setup.chained()).toHaveLength(1);
    expect(existsSync(elsewhere)).toBe(true);
    await ledger.close();
    const later = setup.open({ everyMs: 5, clock: () => Date.now() + 600_000 });
    later.start();
    await expect.poll(() => existsSync(elsewhere)).toBe(false);
    await later.close();
    expect(await setup.chained()).toContain(left.id);
    expect(setup.failures.map((error) => (error as CairnError).code)).toEqual(["storage.corrupt"]);
  });

  test("TEN-8 takes over at once where a process of the same id was before, as in a container", async () => {
    await using setup = await setUpLedger();
    const ledger = setup.open();
    const record = makeRecord(identityIn(setup.organisation));
    ledger.record(record);
    const [spool] = readdirSync(setup.spools);
    const later = setup.open({ everyMs: 1 });
    later.start();
    const owner = join(setup.spools, spool!, "owner.json");
    await new Promise((done) => setTimeout(done, 20));
    expect(await setup.chained()).toEqual([]);
    const mark = JSON.parse(readFileSync(owner, "utf8")) as object;
    writeFileSync(owner, JSON.stringify({ ...mark, started: 1 }));
    await expect.poll(() => setup.chained()).toEqual([record.id]);
  });

  test("TEN-8 a process that slept too long begins another spool", async () => {
    await using setup = await setUpLedger();
    let slept = 0;
    const ledger = setup.open({ clock: () => Date.now() + slept });
    const identity = identityIn(setup.organisation);
    const records = upTo(2).map(() => makeRecord(identity));
    ledger.record(records[0]!);
    slept = 60_000;
    ledger.record(records[1]!);
    expect(readdirSync(setup.spools)).toHaveLength(2);
    // What others applied meanwhile is gone, and that is well.
    await ledger.flush();
    expect(await setup.chained()).toEqual(records.map(({ id }) => id));
  });

  test("TEN-8 puts aside a segment that the directory refuses for what is in it, and says so", async () => {
    await using setup = await setUpLedger();
    let isOdd = true;
    const database: DirectoryDatabase = {
      ...setup.database,
      write: (topics, work) => (isOdd ? Promise.reject(new Error("odd")) : setup.database.write(topics, work)),
    };
    const ledger = setup.open({ database });
    ledger.record(makeRecord(identityIn(setup.organisation)));
    for (const _ of upTo(4)) await expect(ledger.flush()).rejects.toThrow("odd");
    await ledger.flush();
    expect(setup.failures).toHaveLength(1);
    expect(spoolFiles(join(setup.spools, "refused"))).toHaveLength(1);
    isOdd = false;
    const next = makeRecord(identityIn(setup.organisation));
    ledger.record(next);
    await ledger.flush();
    expect(await setup.chained()).toEqual([next.id]);
  });

  test("TEN-8 refusals of strangers are in the home organisation's chain, and cannot fill the disk", async () => {
    await using setup = await setUpLedger();
    let now = Math.ceil(Date.now() / 60_000) * 60_000;
    const ledger = setup.open({ clock: () => now, denials: { ofAddress: 3, ofStrangers: 8, ofCaller: 2 } });
    const denied = (address: string) =>
      makeRecord(anonymousIdentity, {
        outcome: "denied",
        code: "auth.required",
        caller: { ...makeRecord(anonymousIdentity).caller, address },
      });
    for (const _ of upTo(100)) ledger.record(denied("192.0.2.1"));
    for (const at of upTo(20)) ledger.record(denied(`198.51.100.${at}`));
    const known = identityIn(setup.organisation);
    for (const _ of upTo(50)) ledger.record(makeRecord(known, { outcome: "denied", code: "limit.rate_exceeded" }));
    ledger.record(makeRecord(known));
    now += 60_000;
    ledger.record(denied("192.0.2.1"));
    await ledger.close();
    const ofHome = await setup.directoryLedger.links(homeOrganisation, 0, 1_000);
    const own = ofHome.filter(({ entry }) => entry.operation === "recall.recall");
    expect(own).toHaveLength(9);
    const summaries = ofHome.filter(({ entry }) => entry.operation === "audit.summary").map(({ entry }) => entry);
    expect(summaries.map(({ subjects }) => subjects)).toEqual([["count:112"]]);
    const links = await setup.directoryLedger.links(setup.organisation, 0, 1_000);
    expect(links.map(({ entry }) => [entry.outcome, entry.operation, entry.subjects])).toEqual([
      ["denied", "recall.recall", []],
      ["denied", "recall.recall", []],
      ["ok", "recall.recall", []],
      ["denied", "audit.summary", ["count:48"]],
    ]);
  });

  test("TEN-8 records who signed in, and who tried", async () => {
    await using setup = await setUpLedger();
    const ledger = setup.open();
    const asked = { operation: "sign-in.password", address: "192.0.2.1", requestId: "r" };
    ledger.signIn({ ...asked, outcome: "ok", identity: identityIn(setup.organisation) });
    ledger.signIn({ ...asked, outcome: "failed", code: "auth.invalid", identity: null, subjects: ["user:anna"] });
    await ledger.close();
    const [own] = await setup.directoryLedger.links(setup.organisation, 0, 10);
    expect(own?.entry).toMatchObject({ kind: "sign-in", outcome: "ok", principal: "user:anna" });
    const [strange] = await setup.directoryLedger.links(homeOrganisation, 0, 10);
    expect(strange?.entry).toMatchObject({ kind: "sign-in", outcome: "failed", principal: "anonymous" });
  });

  test("TEN-6 what this server did a moment ago is in its answers", async () => {
    await using setup = await setUpLedger();
    const ledger = setup.open();
    const fresh = freshLedger(setup.directoryLedger, ledger);
    ledger.record(makeRecord(identityIn(setup.organisation)));
    const { organisation } = setup;
    const asked = { organisation, from: "2000-01-01", to: "2999-01-01", by: "none", limit: 10 } as const;
    expect((await fresh.usage(asked)).map(({ metric }) => metric)).toEqual(["calls", "queries"]);
    ledger.record(makeRecord(identityIn(setup.organisation)));
    expect(await fresh.head(organisation)).toMatchObject({ seq: 2 });
  });

  test("TEN-6 two servers on one folder apply what each recorded", async () => {
    await using setup = await setUpLedger();
    const servers = [setup.open({ everyMs: 3 }), setup.open({ everyMs: 3 })];
    const other = await addOrganisation(setup.database);
    for (const server of servers) server.start();
    for (const at of upTo(400)) {
      servers[at % 2]!.record(makeRecord(identityIn(at % 3 === 0 ? other : setup.organisation)));
      if (at % 20 === 0) await new Promise((done) => setTimeout(done, 15));
    }
    for (const server of servers) await server.close();
    expect((await setup.chained()).length + (await setup.chained(other)).length).toBe(400);
    expect((await setup.used("calls")) + (await setup.used("calls", other))).toBe(400);
    expect(setup.failures).toEqual([]);
  });
});
