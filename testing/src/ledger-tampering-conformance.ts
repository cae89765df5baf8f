/** What a ledger finds out of those who own the database and change what is in it. Part of `ledger-conformance.ts`. */
import { describe, expect, test } from "vitest";
import { begin, type LedgerSetup, makeEntry, upTo } from "./ledger-samples.ts";

export const describeTampering = (setUp: () => Promise<LedgerSetup>): void => {
  describe("TEN-8 finds out", () => {
    const whole = async (setup: LedgerSetup) => {
      const { ledger, organisation } = await begin(setup);
      await ledger.append(upTo(6).map((at) => makeEntry(organisation, { subjects: [`s${at}`], key: "k" })));
      return { ledger, organisation, kept: await ledger.head(organisation) };
    };
    const here = (organisation: string, seq: number): string => `organisation = '${organisation}' and seq = ${seq}`;
    const changes = [
      "id = 'other'",
      "at = at + 1",
      "principal = 'user:eve'",
      "credential = 'key'",
      "key = null",
      "instance = 'other'",
      "operation = 'memories.list'",
      "kind = 'write'",
      "outcome = 'denied'",
      "code = 'internal'",
      `spaces = '["x"]'`,
      `subjects = '[]'`,
      `subjects = 'nonsense'`,
      "address = null",
      "request_id = ''",
      `hash = '${"0".repeat(64)}'`,
    ];
    test("a changed field", async () => {
      for (const change of changes) {
        await using setup = await setUp();
        const { ledger, organisation } = await whole(setup);
        await setup.tamper(`update {audit} set ${change} where ${here(organisation, 4)}`);
        const found = await ledger.verify(organisation, { most: 100 });
        expect(found, change).toMatchObject({ problem: "changed", at: 4, whole: { seq: 3 } });
      }
    });

    test("a missing entry, a doubled one, and two in each other's place", async () => {
      const faults: readonly (readonly [string, number])[] = [
        ["delete from {audit} where A", 4],
        ["update {audit} set seq = 100 where A", 4],
        ["update {audit} set seq = -seq where seq in (4, 5)", 4],
      ];
      for (const [statement, at] of faults) {
        await using setup = await setUp();
        const { ledger, organisation } = await whole(setup);
        await setup.tamper(statement.replace("A", here(organisation, 4)));
        if (statement.includes("-seq")) await setup.tamper("update {audit} set seq = 9 + seq where seq in (-4, -5)");
        const found = await ledger.verify(organisation, { most: 100 });
        expect(found.problem, statement).not.toBeNull();
        expect(found.at).toBe(at);
      }
    });

    test("a chain that was cut off, and with a head kept elsewhere one whose head was cut too", async () => {
      await using setup = await setUp();
      const { ledger, organisation, kept } = await whole(setup);
      await setup.tamper(`delete from {audit} where organisation = '${organisation}' and seq > 4`);
      expect(await ledger.verify(organisation, { most: 100 })).toMatchObject({ problem: "truncated", at: 5 });
      const before = (await ledger.headAt(organisation, 4))!;
      await setup.tamper(`update {heads} set seq = 4, hash = '${before.hash}' where organisation = '${organisation}'`);
      expect(await ledger.verify(organisation, { most: 100 })).toMatchObject({ problem: null, complete: true });
      const anchored = await ledger.verify(organisation, { most: 100, anchor: kept });
      expect(anchored).toMatchObject({ problem: "truncated", at: 6 });
      await ledger.append(upTo(3).map(() => makeEntry(organisation)));
      const regrown = await ledger.verify(organisation, { most: 100, anchor: kept });
      expect(regrown).toMatchObject({ problem: "changed", at: 6 });
      expect(await ledger.verify(organisation, { most: 100, anchor: before })).toMatchObject({ problem: null });
    });

    test("step by step what it would in one go", async () => {
      await using setup = await setUp();
      const { ledger, organisation, kept } = await whole(setup);
      let found = await ledger.verify(organisation, { most: 4 });
      expect(found).toMatchObject({ problem: null, complete: false, whole: { seq: 4 } });
      found = await ledger.verify(organisation, { most: 4, after: found.whole });
      expect(found).toMatchObject({ problem: null, complete: true, whole: kept, head: kept });
      const wrong = { seq: 4, hash: "0".repeat(64) };
      expect(await ledger.verify(organisation, { most: 4, after: wrong })).toMatchObject({ problem: "changed" });
    });
  });
};
