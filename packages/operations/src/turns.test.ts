import { describe, expect, test } from "vitest";
import { inTurn } from "./turns.ts";

describe("turns", () => {
  test("MEM-9 calls about one session run one after another, others at once, and a failure ends nobody else's turn", async () => {
    const owner = {};
    const log: string[] = [];
    const work =
      (name: string, fail = false) =>
      async () => {
        log.push(`${name} begins`);
        await new Promise((resolve) => setImmediate(resolve));
        log.push(`${name} ends`);
        if (fail) throw new Error(name);
        return name;
      };
    const done = await Promise.allSettled([
      inTurn(owner, "a", work("a1")),
      inTurn(owner, "a", work("a2", true)),
      inTurn(owner, "a", work("a3")),
      inTurn(owner, "b", work("b1")),
    ]);
    expect(done.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled", "fulfilled"]);
    expect(log.filter((line) => line.startsWith("a"))).toEqual([
      "a1 begins",
      "a1 ends",
      "a2 begins",
      "a2 ends",
      "a3 begins",
      "a3 ends",
    ]);
    expect(log.indexOf("b1 begins")).toBeLessThan(log.indexOf("a1 ends"));
  });
});
