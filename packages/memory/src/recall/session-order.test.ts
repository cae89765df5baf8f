import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { makeSessionOrder } from "./session-order.ts";
import { tuning } from "./tuning.ts";

interface Placed {
  readonly doc: number;
  readonly session: number;
  readonly position: number;
}

const steps = fc.array(
  fc.oneof(
    {
      weight: 3,
      arbitrary: fc.record({
        do: fc.constant("insert" as const),
        session: fc.nat(3),
        position: fc.oneof(fc.nat(6), fc.double({ noNaN: true })),
      }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constant("remove" as const), which: fc.nat() }) },
  ),
  { maxLength: 120 },
);

describe("the order of a session", () => {
  test("REC-1 is that of positions and then of arrival, whatever comes and goes", () => {
    fc.assert(
      fc.property(steps, (list) => {
        const order = makeSessionOrder();
        let placed: readonly Placed[] = [];
        let next = 0;
        for (const step of list) {
          if (step.do === "insert") {
            const { session, position } = step;
            order.insert(next, session, position);
            placed = [...placed, { doc: next++, session, position }];
          } else if (next > 0) {
            const doc = step.which % next;
            order.remove(doc);
            order.remove(doc);
            placed = placed.filter((one) => one.doc !== doc);
          }
        }
        expect(order.any()).toBe(placed.length > 0);
        for (let doc = 0; doc < next; doc++) {
          const one = placed.find((other) => other.doc === doc);
          expect(order.linked(doc)).toBe(one !== undefined);
          const row = placed
            .filter(({ session }) => session === one?.session)
            .toSorted((a, b) => a.position - b.position || a.doc - b.doc)
            .map((other) => other.doc);
          const at = row.indexOf(doc);
          expect(order.before(doc)).toBe(row[at - 1] ?? -1);
          expect(order.after(doc)).toBe(at < 0 ? -1 : (row[at + 1] ?? -1));
          const around = at < 0 ? [] : [...row.slice(Math.max(0, at - 2), at), ...row.slice(at + 1, at + 3)];
          expect(order.around(doc, 2)).toEqual(around);
        }
        expect(order.linked(next + 5_000)).toBe(false);
        // Side by side in one array, and empty slots between two sessions.
        const { docAt, slotOf, end } = order.slots();
        for (const { doc } of placed) expect(docAt[slotOf[doc]!]).toBe(doc + 1);
        const sessionAt = Array.from(
          docAt.subarray(0, end),
          (one) => placed.find(({ doc }) => doc === one - 1)?.session,
        );
        expect(sessionAt.filter((one) => one !== undefined)).toHaveLength(placed.length);
        for (const [slot, one] of sessionAt.entries()) {
          const close = sessionAt.slice(slot + 1, slot + 1 + tuning.contextDistance);
          if (one !== undefined) expect(close.every((other) => other === undefined || other === one)).toBe(true);
        }
      }),
    );
  });
});
