import { verifyChain } from "@cairn/directory/ledger/exported-chain";
import { newId } from "@cairn/kernel/id";
import type { AuditEntry } from "@cairn/memory/audit/audit-entry";
import { homeOrganisation, type Identity, localIdentity } from "@cairn/memory/permission/identity";
import { setUpOperations } from "@cairn/testing/setup-operations";
import { describe, expect, test } from "vitest";
import { toWire } from "../../wire.ts";
import { exportAudit } from "./export.ts";
import { listAudit } from "./list.ts";
import { verifyAudit } from "./verify.ts";

const start = Date.parse("2026-03-14T12:00:00Z");

const makeEntry = (at: number, changes: Partial<AuditEntry> = {}): AuditEntry => ({
  id: newId(),
  at: start + at,
  organisation: homeOrganisation,
  principal: "user:anna",
  credential: "session",
  key: null,
  instance: "laptop",
  operation: "memories.get",
  kind: "read",
  outcome: "ok",
  code: null,
  spaces: [],
  subjects: [],
  address: null,
  requestId: "r",
  ...changes,
});

const identityOf = (changes: Partial<Identity>): Identity => ({
  ...localIdentity("loopback"),
  principal: "user:edgar",
  credential: "session",
  administrator: false,
  ...changes,
});

const setUp = async (identity?: Identity) => {
  const setup = setUpOperations(identity === undefined ? {} : { identity });
  const entries = Array.from({ length: 12 }, (_, at) => makeEntry(at));
  await setup.services.tenants.ledger.append(entries);
  return { ...setup, entries };
};

describe("the audit", () => {
  test("TEN-8 is listed newest first, page by page", async () => {
    const { call, entries } = await setUp();
    const first = await call(listAudit, { limit: 5 });
    const second = await call(listAudit, { limit: 5, cursor: first.cursor });
    const third = await call(listAudit, { limit: 5, cursor: second.cursor });
    const seen = [first, second, third].flatMap((page) => page.entries.map(({ id }) => id));
    expect(seen).toEqual(entries.map(({ id }) => id).toReversed());
    expect(third.cursor).toBeNull();
    expect(first.entries[0]).toMatchObject({ seq: 12, at: "2026-03-14T12:00:00.011Z", requestId: "r" });
  });

  test("TEN-8 is filtered, also by a space's name", async () => {
    const { call, services } = await setUp();
    const space = await services.directory.create({ name: "Team", description: null });
    const odd = makeEntry(100, { spaces: [space.id], outcome: "denied", kind: "write", subjects: ["s"] });
    await services.tenants.ledger.append([odd]);
    for (const filter of [
      { space: "team" },
      { space: space.id },
      { outcome: "denied" },
      { kind: "write" },
      { subject: "s" },
      { from: "2026-03-14T12:00:00.100Z" },
    ]) {
      const { entries } = await call(listAudit, filter);
      expect(
        entries.map(({ id }) => id),
        JSON.stringify(filter),
      ).toEqual([odd.id]);
    }
    await expect(call(listAudit, { kind: "nonsense" })).rejects.toMatchObject({ code: "request.invalid" });
  });

  test("TEN-8 is exported as lines that anyone can verify", async () => {
    const { call } = await setUp();
    const lines: string[] = [];
    let head = "";
    for (let cursor: string | null = null; ;) {
      const page: Awaited<ReturnType<typeof call<typeof exportAudit.input, typeof exportAudit.output>>> = await call(
        exportAudit,
        { cursor, limit: 5 },
      );
      lines.push(...page.entries.map((entry) => JSON.stringify(toWire(entry))));
      ({ cursor, head } = page);
      if (cursor === null) break;
    }
    const { problem, whole } = verifyChain(lines);
    expect(problem).toBeNull();
    expect(`${whole.seq}:${whole.hash}`).toBe(head);
    const part = await call(exportAudit, { from: 4, to: 6 });
    expect(part.entries.map(({ seq }) => seq)).toEqual([4, 5, 6]);
    expect(part.cursor).toBeNull();
    expect(part.after).toMatch(/^3:/u);
    const none = await call(exportAudit, { from: 13 });
    expect(none).toMatchObject({ entries: [], cursor: null });
  });

  test("TEN-8 is verified, against a head that was kept elsewhere too", async () => {
    const { call } = await setUp();
    const found = await call(verifyAudit, {});
    expect(found).toMatchObject({ whole: true, complete: true, problem: null, brokenAt: null });
    expect(found.head).toBe(found.wholeUpTo);
    expect(await call(verifyAudit, { head: found.head })).toMatchObject({ whole: true });
    const foreign = `12:${"0".repeat(64)}`;
    expect(await call(verifyAudit, { head: foreign })).toMatchObject({
      whole: false,
      problem: "changed",
      brokenAt: 12,
    });
    const later = found.head.replace(/^12/u, "13");
    expect(await call(verifyAudit, { head: later })).toMatchObject({ whole: false, problem: "truncated" });
    await expect(call(verifyAudit, { head: "nonsense" })).rejects.toMatchObject({ code: "request.invalid" });
  });

  test("TEN-8 is an organisation's own, and its administrators' alone", async () => {
    const other = await setUp(identityOf({ organisation: newId(), role: "admin" }));
    expect((await other.call(listAudit, {})).entries).toEqual([]);
    expect((await other.call(exportAudit, {})).entries).toEqual([]);
    expect(await other.call(verifyAudit, {})).toMatchObject({ whole: true, complete: true });
    const editor = await setUp(identityOf({ role: "editor" }));
    for (const operation of [listAudit, exportAudit, verifyAudit] as const)
      await expect(editor.pipeline.call(operation as typeof listAudit, editor.caller, {})).rejects.toMatchObject({
        code: "auth.forbidden",
      });
  });
});
