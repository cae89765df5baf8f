/** How a ledger is read: the audit by time and filters, usage by day. Part of `ledger-conformance.ts`. */
import { pageOfEntries } from "@cairn/directory/ledger/audit-queries";
import type { AuditPage, AuditQuery } from "@cairn/directory/ledger/ledger-directory";
import type { AuditEntry } from "@cairn/memory/audit/audit-entry";
import { homeOrganisation } from "@cairn/memory/permission/identity";
import { expect, test } from "vitest";
import {
  addOrganisation,
  allUsage,
  begin,
  type LedgerSetup,
  makeCount,
  makeEntry,
  makeSegment,
  start,
  upTo,
} from "./ledger-samples.ts";

export const testReading = (setUp: () => Promise<LedgerSetup>): void => {
  test("TEN-8 pages by time, both ways, each entry once", async () => {
    await using setup = await setUp();
    const { ledger, organisation } = await begin(setup);
    // Not in the order of time: records of a server that was away come later.
    const entries = upTo(25).map((at) => makeEntry(organisation, { at: start + ((at * 7) % 10) }));
    await ledger.append(entries);
    for (const order of ["oldest", "newest"] as const) {
      const seen: AuditEntry[] = [];
      let cursor: string | null = null;
      do {
        const page = await ledger.entries({ organisation, order, limit: 4, cursor });
        seen.push(...page.links.map(({ entry }) => entry));
        cursor = page.cursor;
      } while (cursor !== null);
      expect(new Set(seen.map(({ id }) => id)).size).toBe(25);
      const times = seen.map(({ at }) => at);
      expect(times).toEqual(order === "oldest" ? times.toSorted((a, b) => a - b) : times.toSorted((a, b) => b - a));
    }
    const wrong = ledger.entries({ organisation, order: "newest", limit: 4, cursor: "nonsense" });
    await expect(wrong).rejects.toMatchObject({ code: "request.invalid" });
  });

  test("TEN-8 filters by everything that an entry says", async () => {
    await using setup = await setUp();
    const { ledger, organisation } = await begin(setup);
    const odd = makeEntry(organisation, {
      at: start + 5,
      principal: "key:one",
      key: "one",
      operation: "memories.remember",
      kind: "write",
      outcome: "denied",
      spaces: ["space-1", "space-2"],
      subjects: ["Subject_%"],
    });
    await ledger.append([
      makeEntry(organisation),
      odd,
      makeEntry(organisation, { at: start + 9, subjects: ["subject_%"] }),
    ]);
    const filters = [
      { from: start + 1, to: start + 5 },
      { principal: "key:one" },
      { key: "one" },
      { operation: "memories.remember" },
      { kind: "write" },
      { outcome: "denied" },
      { space: "space-2" },
      { subject: "Subject_%" },
    ] as const;
    for (const filter of filters) {
      const { links, cursor } = await ledger.entries({ organisation, order: "newest", limit: 10, ...filter });
      expect(
        links.map(({ entry }) => entry.id),
        JSON.stringify(filter),
      ).toEqual([odd.id]);
      expect(cursor).toBeNull();
    }
    const none = await ledger.entries({ organisation, order: "newest", limit: 10, space: "space" });
    expect(none.links).toEqual([]);
    const others = await ledger.entries({ organisation: homeOrganisation, order: "newest", limit: 10, key: "one" });
    expect(others.links).toEqual([]);
  });

  test("TEN-8 a page of what is rare goes through so many entries and no more", async () => {
    await using setup = await setUp();
    const { database, ledger, organisation } = await begin(setup);
    const rare = (at: number): boolean => at % 9 === 4;
    const entries = upTo(40).map((at) => makeEntry(organisation, { at: start + at, key: rare(at) ? "rare" : null }));
    await ledger.append(entries);
    for (const order of ["oldest", "newest"] as const) {
      const found: string[] = [];
      let pages = 0;
      let cursor: string | null = null;
      do {
        const query: AuditQuery = { organisation, order, limit: 3, cursor, key: "rare" };
        const page: AuditPage = await database.read((access) => pageOfEntries(access, query, 7));
        found.push(...page.links.map(({ entry }) => entry.id));
        cursor = page.cursor;
        pages += 1;
      } while (cursor !== null);
      const expected = entries.filter((_, at) => rare(at)).map(({ id }) => id);
      expect(found).toEqual(order === "oldest" ? expected : expected.toReversed());
      expect(pages).toBe(6);
    }
  });

  test("TEN-6 counts by day, space and key, and adds up", async () => {
    await using setup = await setUp();
    const { database, ledger, organisation } = await begin(setup);
    const other = await addOrganisation(database);
    await ledger.apply(
      makeSegment({
        counts: [
          makeCount(organisation, { space: "a", key: "k", amount: 3 }),
          makeCount(organisation, { space: "a", key: "l", amount: 4 }),
          makeCount(organisation, { space: "b", key: "k", amount: 5, day: "2026-03-15" }),
          makeCount(organisation, { metric: "queries", amount: 6 }),
          makeCount(organisation, { day: "2026-04-01", amount: 100 }),
          makeCount(other, { amount: 1_000 }),
        ],
      }),
    );
    const asked = { ...allUsage, organisation };
    expect(await ledger.usage(asked)).toEqual([
      { day: "2026-03-14", metric: "calls", space: "", key: "", amount: 7 },
      { day: "2026-03-14", metric: "queries", space: "", key: "", amount: 6 },
      { day: "2026-03-15", metric: "calls", space: "", key: "", amount: 5 },
    ]);
    const bySpace = await ledger.usage({ ...asked, by: "space", to: "2026-03-14" });
    expect(bySpace.map(({ space, amount }) => [space, amount])).toEqual([
      ["a", 7],
      ["", 6],
    ]);
    const byKey = await ledger.usage({ ...asked, by: "key", space: "a" });
    expect(byKey.map(({ key, amount }) => [key, amount])).toEqual([
      ["k", 3],
      ["l", 4],
    ]);
    const own = await ledger.usage({ ...asked, keys: ["k"] });
    expect(own.map(({ amount }) => amount)).toEqual([3, 5]);
    expect(await ledger.usage({ ...asked, keys: [] })).toEqual([]);
    expect(await ledger.usage({ ...asked, limit: 2 })).toHaveLength(2);
  });

  test("TEN-6 keeps what there is as it was measured last, and forgets spaces that are gone", async () => {
    await using setup = await setUp();
    const { ledger, organisation } = await begin(setup);
    const level = (space: string, day: string, amount: number) =>
      ({ organisation, day, metric: "memories_stored", space, amount }) as const;
    await ledger.setLevels([level("gone", "2026-03-10", 50), level("a", "2026-03-14", 1), level("b", "2026-03-13", 7)]);
    await ledger.setLevels([level("a", "2026-03-14", 2)]);
    const found = await ledger.levels({ ...allUsage, organisation });
    expect(new Map(found.map(({ space, amount }) => [space, amount]))).toEqual(
      new Map([
        ["a", 2],
        ["b", 7],
      ]),
    );
    expect(await ledger.levels({ ...allUsage, organisation, to: "2026-03-01" })).toEqual([]);
    const days = await ledger.usage({ ...allUsage, organisation });
    expect(days.map(({ day, amount }) => [day, amount])).toEqual([
      ["2026-03-10", 50],
      ["2026-03-13", 7],
      ["2026-03-14", 2],
    ]);
  });
};
