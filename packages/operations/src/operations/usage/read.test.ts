import { newId } from "@cairn/kernel/id";
import { homeOrganisation, type Identity, localIdentity } from "@cairn/memory/permission/identity";
import { setUpOperations } from "@cairn/testing/setup-operations";
import { describe, expect, test } from "vitest";
import { readUsage } from "./read.ts";

const member = (changes: Partial<Identity> = {}): Identity => ({
  ...localIdentity("loopback"),
  principal: "user:edgar",
  credential: "session",
  role: "editor",
  administrator: false,
  ...changes,
});

const count = (changes: object) => ({
  organisation: homeOrganisation,
  day: "2026-03-14",
  metric: "calls" as const,
  space: "",
  key: "",
  amount: 1,
  ...changes,
});

const setUp = async (identity?: Identity) => {
  const setup = setUpOperations(identity === undefined ? {} : { identity });
  const { ledger, keys } = setup.services.tenants;
  const own = { id: "own-key", organisation: homeOrganisation, owner: "user:edgar", role: null, space: null };
  const rest = { scopes: [], instance: null, addresses: null, replaces: null, createdBy: "local", expiresAt: null };
  await keys.create({ ...own, label: "mine", ...rest, pepper: "p", hash: "h" });
  await ledger.apply({
    spool: newId(),
    number: 1,
    entries: [],
    counts: [
      count({ space: "a", key: "own-key", amount: 2 }),
      count({ space: "a", key: "user:edgar", amount: 3 }),
      count({ space: "b", key: "other-key", amount: 5 }),
      count({ key: "other-key", metric: "bytes_out", amount: 1_000, day: "2026-03-02" }),
      count({ key: "other-key", amount: 100, day: "2026-02-28" }),
    ],
  });
  await ledger.setLevels([
    { organisation: homeOrganisation, day: "2026-03-13", metric: "memories_stored", space: "a", amount: 7 },
    { organisation: homeOrganisation, day: "2026-03-14", metric: "memories_stored", space: "a", amount: 9 },
  ]);
  return setup;
};

describe("usage.read", () => {
  test("TEN-6 gives an administrator the month so far, day by day", async () => {
    const { call } = await setUp();
    const found = await call(readUsage, {});
    expect(found).toMatchObject({ from: "2026-03-01", to: "2026-03-14", groups: [] });
    expect(found.totals).toMatchObject({ calls: 10, bytesOut: 1_000, memoriesStored: 9, queries: 0 });
    expect(
      found.days.map(({ day, amounts }) => [day, amounts.calls, amounts.bytesOut, amounts.memoriesStored]),
    ).toEqual([
      ["2026-03-02", 0, 1_000, 0],
      ["2026-03-13", 0, 0, 7],
      ["2026-03-14", 10, 0, 9],
    ]);
    expect(found).not.toHaveProperty("limits");
  });

  test("TEN-6 divides by space and key", async () => {
    const { call } = await setUp();
    const bySpace = await call(readUsage, { by: "space", from: "2026-03-14" });
    expect(
      bySpace.groups.map(({ space, key, amounts }) => [space, key, amounts.calls, amounts.memoriesStored]),
    ).toEqual([
      ["a", null, 5, 9],
      ["b", null, 5, 0],
    ]);
    const byKey = await call(readUsage, { by: "key", key: "other-key" });
    expect(byKey.groups.map(({ key, amounts }) => [key, amounts.calls])).toEqual([["other-key", 5]]);
    const byBoth = await call(readUsage, { by: "space_key", from: "2026-03-14", to: "2026-03-14" });
    expect(byBoth.days.map(({ space, key }) => [space, key])).toContainEqual(["a", "own-key"]);
  });

  test("TEN-6 gives a member its own usage and that of its keys, whatever it asks for", async () => {
    const { call } = await setUp(member());
    expect((await call(readUsage, {})).totals).toMatchObject({ calls: 5, memoriesStored: 0, bytesOut: 0 });
    expect((await call(readUsage, { key: "own-key" })).totals.calls).toBe(2);
    expect((await call(readUsage, { key: "other-key" })).totals.calls).toBe(0);
  });

  test("TEN-6 gives a key without an owner what it used, and a bound one only in its space", async () => {
    const key = { principal: "key:other-key", credential: "key", key: "other-key", role: "viewer" } as const;
    const { call } = await setUp(member(key));
    expect((await call(readUsage, {})).totals).toMatchObject({ calls: 5, bytesOut: 1_000 });
    const bound = await setUp(member({ ...key, role: "admin", space: "b" }));
    expect((await bound.call(readUsage, {})).totals).toMatchObject({ calls: 5, bytesOut: 0 });
  });

  test("TEN-6 says nothing of other organisations", async () => {
    const { call } = await setUp(member({ organisation: newId(), role: "admin" }));
    const found = await call(readUsage, { from: "2026-01-01" });
    expect(found.days).toEqual([]);
    expect(found.totals.calls).toBe(0);
  });

  test.each([
    { from: "2026-03-15" },
    { from: "2026-02-30" },
    { from: "today" },
    { from: "2024-01-01" },
    { by: "user" },
    { from: "2026-03-14T00:00:00Z" },
  ])("refuses %j", async (input) => {
    const { call } = await setUp();
    await expect(call(readUsage, input)).rejects.toMatchObject({ code: "request.invalid" });
  });
});
