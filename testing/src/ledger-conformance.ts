/**
 * What every `LedgerDirectory` promises. An adapter's test calls `describeLedger` with a factory of databases: those of
 * one `setup` look at the same directory, as processes on one data folder or servers on one database do.
 */
import { appendAudit, noted } from "@cairn/directory/ledger/append-audit";
import { firstHead, verifyLinks } from "@cairn/directory/ledger/audit-chain";
import { exportedLine, verifyChain } from "@cairn/directory/ledger/exported-chain";
import type { Segment } from "@cairn/directory/ledger/ledger-directory";
import { ledgerOver } from "@cairn/directory/ledger/ledger-over";
import { removeLedger } from "@cairn/directory/ledger/remove-ledger";
import { newId } from "@cairn/kernel/id";
import { homeOrganisation } from "@cairn/memory/permission/identity";
import { describe, expect, test } from "vitest";
import {
  addOrganisation,
  begin,
  callsOf,
  type LedgerSetup,
  makeCount,
  makeEntry,
  makeSegment,
  start,
  upTo,
} from "./ledger-samples.ts";
import { testReading } from "./ledger-reading-conformance.ts";
import { describeTampering } from "./ledger-tampering-conformance.ts";

export const describeLedger = (name: string, setUp: () => Promise<LedgerSetup>): void => {
  describe(`the ledger: ${name}`, () => {
    test("TEN-8 chains the entries of each organisation from its id on", async () => {
      await using setup = await setUp();
      const { database, ledger, organisation } = await begin(setup);
      const other = await addOrganisation(database);
      const entries = upTo(5).map((at) => makeEntry(at % 2 === 0 ? organisation : other, { subjects: [`s${at}`] }));
      await ledger.append(entries);
      const links = await ledger.links(organisation, 0, 100);
      expect(links.map(({ seq }) => seq)).toEqual([1, 2, 3]);
      expect(links.map(({ entry }) => entry)).toEqual([entries[0], entries[2], entries[4]]);
      expect(verifyLinks(organisation, firstHead(organisation), links).problem).toBeNull();
      expect(await ledger.head(organisation)).toEqual({ seq: 3, hash: links[2]?.hash });
      expect(await ledger.headAt(other, 2)).toMatchObject({ seq: 2 });
      expect(await ledger.headAt(other, 3)).toBeNull();
      expect(await ledger.verify(organisation, { most: 100 })).toMatchObject({ problem: null, complete: true });
    });

    test("TEN-8 keeps an entry once, whoever hands it over again", async () => {
      await using setup = await setUp();
      const { ledger, organisation } = await begin(setup);
      const entry = makeEntry(organisation);
      await ledger.append([entry, { ...entry, outcome: "failed" }]);
      await ledger.append([entry]);
      await ledger.apply(makeSegment({ entries: [entry, makeEntry(organisation)] }));
      const links = await ledger.links(organisation, 0, 100);
      expect(links.map(({ entry: { id, outcome } }) => [id === entry.id, outcome])).toEqual([
        [true, "ok"],
        [false, "ok"],
      ]);
      expect(await ledger.verify(organisation, { most: 100 })).toMatchObject({ problem: null });
    });

    test("TEN-8 takes every field as it is, and cuts what is too long or cannot be kept", async () => {
      await using setup = await setUp();
      const { ledger, organisation } = await begin(setup);
      const full = makeEntry(organisation, {
        key: "k",
        code: "space.not_found",
        outcome: "denied",
        spaces: ["a", "b"],
        subjects: ['"quoted" \\ %_ é 🪨'],
        address: null,
        instance: null,
      });
      const wild = makeEntry(organisation, {
        requestId: `\0\ud800${"x".repeat(1_000)}`,
        subjects: upTo(100).map(String),
      });
      await ledger.append([full, wild]);
      const [first, second] = await ledger.links(organisation, 0, 10);
      expect(first?.entry).toEqual(full);
      expect(second?.entry.requestId).toBe(`\ufffd${"x".repeat(298)}`);
      expect(second?.entry.subjects).toHaveLength(20);
      expect(await ledger.verify(organisation, { most: 10 })).toMatchObject({ problem: null });
    });

    test("TEN-8 an entry of a write is there exactly if the write is", async () => {
      await using setup = await setUp();
      const { database, ledger, organisation } = await begin(setup);
      const [kept, lost] = [makeEntry(organisation), makeEntry(organisation)];
      await database.write([], (access) => noted(access, kept, async () => undefined, ["subject"]));
      const failure = new Error("rolled back");
      await expect(
        database.write([], async (access) => {
          await noted(access, lost, async () => undefined);
          throw failure;
        }),
      ).rejects.toThrow();
      // The pipeline's own record of the same call comes later.
      await ledger.apply(makeSegment({ entries: [kept] }));
      const links = await ledger.links(organisation, 0, 10);
      expect(links.map(({ entry }) => entry)).toEqual([{ ...kept, subjects: ["subject"] }]);
    });

    test("TEN-6 TEN-8 applies a segment once, and in order", async () => {
      await using setup = await setUp();
      const { ledger, organisation } = await begin(setup);
      const spool = newId();
      const segment = (number: number): Segment => ({
        spool,
        number,
        entries: [makeEntry(organisation)],
        counts: [makeCount(organisation), makeCount(organisation, { amount: 2 })],
      });
      const [one, two] = [segment(1), segment(2)];
      expect(await ledger.apply(one)).toBe(true);
      expect(await ledger.apply(one)).toBe(false);
      expect(await ledger.apply(two)).toBe(true);
      expect(await ledger.apply(one)).toBe(false);
      expect(await callsOf(ledger, organisation)).toBe(6);
      expect(await ledger.head(organisation)).toMatchObject({ seq: 2 });
      expect(await ledger.forgetSpools(start)).toBe(0);
      expect(await ledger.forgetSpools(start + 1)).toBeGreaterThan(0);
    });

    test("TEN-6 TEN-8 several servers that apply at once lose nothing and count nothing twice", async () => {
      await using setup = await setUp();
      const { database, organisation } = await begin(setup);
      const organisations = [organisation, await addOrganisation(database), await addOrganisation(database)];
      const servers = upTo(3).map(() => ledgerOver(setup.open(), () => start));
      const segments = upTo(20).map((number) =>
        makeSegment({
          entries: organisations.flatMap((one) => upTo(5).map(() => makeEntry(one, { requestId: `${number}` }))),
          counts: organisations.toReversed().map((one) => makeCount(one, { amount: 5, key: `k${number % 3}` })),
        }),
      );
      const applied = await Promise.all(
        // Each segment is handed over by two servers at the same time.
        segments.flatMap((segment, at) => [0, 1].map((more) => servers[(at + more) % 3]!.apply(segment))),
      );
      expect(applied.filter(Boolean)).toHaveLength(20);
      for (const one of organisations) {
        expect(await callsOf(servers[0]!, one)).toBe(100);
        expect(await servers[1]!.verify(one, { most: 1_000 })).toMatchObject({
          problem: null,
          complete: true,
          head: { seq: 100 },
        });
      }
    });

    test("TEN-8 what was done in an organisation that is gone is told in the home organisation's chain", async () => {
      await using setup = await setUp();
      const { ledger } = await begin(setup);
      const gone = newId();
      const entry = makeEntry(gone, { operation: "organisations.remove", subjects: ["x"] });
      await ledger.apply(makeSegment({ entries: [entry], counts: [makeCount(gone)] }));
      expect(await ledger.links(gone, 0, 10)).toEqual([]);
      expect(await callsOf(ledger, gone)).toBe(0);
      const { links } = await ledger.entries({
        organisation: homeOrganisation,
        subject: gone,
        order: "newest",
        limit: 10,
      });
      expect(links.map(({ entry: { id, subjects } }) => ({ id, subjects }))).toEqual([
        { id: entry.id, subjects: [gone, "x"] },
      ]);
    });

    test("TEN-8 nobody changes or removes entries, until their organisation is gone", async () => {
      await using setup = await setUp();
      const { database, ledger, organisation } = await begin(setup);
      await ledger.apply(makeSegment({ entries: [makeEntry(organisation)], counts: [makeCount(organisation)] }));
      await expect(setup.attempt(`update {audit} set principal = 'nobody'`)).rejects.toThrow();
      await expect(setup.attempt(`delete from {audit}`)).rejects.toThrow();
      await expect(database.write([], (access) => removeLedger(access, organisation))).rejects.toThrow();
      expect(await ledger.links(organisation, 0, 10)).toHaveLength(1);
      await database.write([], async (access) => {
        await access.tables.deleteFrom("organisations").where("id", "=", organisation).execute();
        await removeLedger(access, organisation);
      });
      expect(await ledger.links(organisation, 0, 10)).toEqual([]);
      expect(await ledger.head(organisation)).toEqual(firstHead(organisation));
      expect(await callsOf(ledger, organisation)).toBe(0);
    });

    test("TEN-8 what is exported is verified without a server", async () => {
      await using setup = await setUp();
      const { ledger, organisation } = await begin(setup);
      await ledger.append(upTo(7).map((at) => makeEntry(organisation, { at: start + at, subjects: ["ü🪨"] })));
      const links = [...(await ledger.links(organisation, 0, 4)), ...(await ledger.links(organisation, 4, 4))];
      const report = verifyChain(links.map(exportedLine));
      expect(report).toMatchObject({ problem: null, whole: await ledger.head(organisation) });
    });

    test("TEN-8 appends in transactions of several organisations at once without waiting in a circle", async () => {
      await using setup = await setUp();
      const { database, ledger, organisation } = await begin(setup);
      const other = await addOrganisation(database);
      const servers = upTo(2).map(() => setup.open());
      await Promise.all(
        upTo(20).map((at) => {
          const pair = [makeEntry(organisation), makeEntry(other)];
          return servers[at % 2]!.write([], (access) => appendAudit(access, at % 2 === 0 ? pair : pair.toReversed()));
        }),
      );
      for (const one of [organisation, other])
        expect(await ledger.verify(one, { most: 100 })).toMatchObject({ problem: null, head: { seq: 20 } });
    });

    describeTampering(setUp);
    testReading(setUp);
  });
};
