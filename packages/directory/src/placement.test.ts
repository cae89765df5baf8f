import fc from "fast-check";
import { expect, test } from "vitest";
import { afterStep, type MoveStep, type Placement } from "./placement.ts";

const cell = fc.constantFrom(null, "a", "b");
const step: fc.Arbitrary<MoveStep> = fc.oneof(
  fc.record({ kind: fc.constant("start" as const), to: cell }),
  fc.record({
    kind: fc.constantFrom(
      "pause" as const,
      "resume" as const,
      "switch" as const,
      "abandon" as const,
      "finish" as const,
    ),
  }),
);

test("ENG-8 whatever steps are tried, a space is served by one cell, which changes only while nobody writes", () => {
  fc.assert(
    fc.property(cell, fc.array(step, { maxLength: 30 }), (from, steps) => {
      let now: Placement = { cell: from, move: null };
      for (const [index, step] of steps.entries()) {
        let next: Placement;
        try {
          next = afterStep(now, step, index);
        } catch (error) {
          expect(error).toMatchObject({ code: "request.invalid" });
          continue;
        }
        if (next.cell !== now.cell) {
          expect(now.move).toMatchObject({ from: now.cell, to: next.cell, phase: "paused" });
          expect(next.move?.phase).toBe("clearing");
        }
        // What is left of a move is where it came from, and where it went: never the same.
        if (next.move !== null) {
          expect(next.move.from).not.toBe(next.move.to);
          expect(next.cell).toBe(next.move.phase === "clearing" ? next.move.to : next.move.from);
        }
        now = next;
      }
    }),
  );
});
