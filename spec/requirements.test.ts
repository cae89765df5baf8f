import { describe, expect, test } from "vitest";
import { brokenPromises, requirementIds } from "./check.ts";
import { requirements, type Requirement } from "./requirements.ts";

const listed: Readonly<Record<string, Requirement>> = {
  "MEM-1": { title: "store", state: "done" },
  "MEM-2": { title: "read", state: "partial" },
  "REC-1": { title: "recall", state: "planned" },
};
const passed = (title: string) => ({ file: "a.test.ts", title, state: "passed" }) as const;

describe("the list of requirements", () => {
  test("has well-formed ids, numbered from one without a gap in each area", () => {
    const numbers = new Map<string, number>();
    for (const id of Object.keys(requirements)) {
      const [, area = "", number = ""] = /^([A-Z]{2,4})-([1-9]\d*)$/u.exec(id) ?? [];
      expect(`${id} follows ${numbers.get(area) ?? 0}`).toBe(
        `${area}-${(numbers.get(area) ?? 0) + 1} follows ${Number(number) - 1}`,
      );
      numbers.set(area, Number(number));
    }
    expect(numbers.size).toBe(13);
  });

  test("says of each what it is", () => {
    for (const [id, { title }] of Object.entries(requirements)) expect(title.length, id).toBeGreaterThan(10);
  });
});

describe("ids in test titles", () => {
  const areas = new Set(["MEM", "REC"]);

  test("are found anywhere, several at a time", () => {
    expect(requirementIds("REC > finds it again (MEM-1, REC-12)", areas)).toEqual(["MEM-1", "REC-12"]);
  });

  test("are not mistaken for encodings, hashes or tickets", () => {
    expect(requirementIds("keeps UTF-16, SHA-256, ABC-7, XMEM-1 and MEM-1b apart", areas)).toEqual([]);
  });
});

describe("the check after a run", () => {
  test("is content when what is done has a passing test", () => {
    expect(brokenPromises(listed, [passed("MEM-1 stores")], true)).toEqual([]);
  });

  test("names an id that is done without a passing test", () => {
    const failed = { file: "a.test.ts", title: "MEM-1 stores", state: "failed" } as const;
    const skipped = { ...failed, state: "skipped" } as const;
    expect(brokenPromises(listed, [failed, skipped], true)).toEqual([expect.stringContaining("MEM-1 (store)")]);
  });

  test("does not name an id that needs a part which this machine cannot have, as long as its tests say so", () => {
    const needing = { "MEM-1": { title: "store", state: "done", needs: "PostgreSQL" } } as const;
    const skipped = { file: "a.pg.test.ts", title: "MEM-1 stores", state: "skipped" } as const;
    expect(brokenPromises(needing, [skipped], true)).toEqual([]);
    expect(brokenPromises(needing, [{ ...skipped, state: "failed" }], true)).toHaveLength(1);
    expect(brokenPromises(needing, [], true)).toHaveLength(1);
  });

  test("names an id that nobody listed", () => {
    expect(brokenPromises(listed, [passed("MEM-1 and MEM-99")], true)).toEqual([expect.stringContaining("MEM-99")]);
  });

  test("asks nothing of the rest when only some tests were run", () => {
    expect(brokenPromises(listed, [passed("REC-1 recalls")], false)).toEqual([]);
  });
});
