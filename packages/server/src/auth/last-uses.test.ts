import type { KeyUse } from "@cairn/directory/keys/key-directory";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { makeLastUses } from "./last-uses.ts";

beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] }));
afterEach(() => void vi.useRealTimers());

const setUp = (options: { readonly most?: number } = {}) => {
  const written: (readonly KeyUse[])[] = [];
  let now = 1_000;
  let failing = false;
  const noteUses = async (uses: readonly KeyUse[]): Promise<void> => {
    if (failing) throw new Error("gone");
    written.push(uses);
  };
  const uses = makeLastUses({ keys: { noteUses }, clock: () => now, everyMs: 60_000, ...options });
  return {
    uses,
    written,
    at: (moment: number) => void (now = moment),
    fail: (is: boolean) => void (failing = is),
    pass: (milliseconds: number) => vi.advanceTimersByTimeAsync(milliseconds),
  };
};

describe("last uses", () => {
  test("TEN-2 are written together, once a minute, each key's latest", async () => {
    const { uses, written, at, pass } = setUp();
    uses.used("a", "192.0.2.1");
    uses.used("b", null);
    at(2_000);
    uses.used("a", "192.0.2.2");
    await pass(59_999);
    expect(written).toEqual([]);
    await pass(1);
    expect(written).toEqual([
      [
        { id: "a", at: 2_000, from: "192.0.2.2" },
        { id: "b", at: 1_000, from: null },
      ],
    ]);
    await pass(600_000);
    expect(written).toHaveLength(1);
    uses.used("a", null);
    await pass(60_000);
    expect(written).toHaveLength(2);
  });

  test("TEN-2 are written at the close, and none are gathered after it", async () => {
    const { uses, written, pass } = setUp();
    uses.used("a", null);
    await uses.close();
    expect(written).toEqual([[{ id: "a", at: 1_000, from: null }]]);
    uses.used("b", null);
    await pass(60_000);
    await uses.close();
    expect(written).toHaveLength(1);
    expect(vi.getTimerCount()).toBe(0);
  });

  test("TEN-2 that could not be written are tried again, unless a later one has come", async () => {
    const { uses, written, at, fail, pass } = setUp();
    uses.used("a", null);
    uses.used("b", null);
    fail(true);
    await pass(60_000);
    fail(false);
    at(5_000);
    uses.used("b", null);
    await pass(60_000);
    expect(written.flat().toSorted((one, other) => (one.id < other.id ? -1 : 1))).toEqual([
      { id: "a", at: 1_000, from: null },
      { id: "b", at: 5_000, from: null },
    ]);
    fail(true);
    uses.used("a", null);
    await expect(uses.close()).resolves.toBeUndefined();
  });

  test("TEN-2 take no more memory than they may", async () => {
    const { uses, written, pass } = setUp({ most: 2 });
    for (const id of ["a", "b", "c", "a"]) uses.used(id, null);
    await pass(60_000);
    expect(written.flat().map(({ id }) => id)).toEqual(["a", "b"]);
  });
});
