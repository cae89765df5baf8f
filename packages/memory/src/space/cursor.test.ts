import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Cursor, decodeCursor, encodeCursor, pageOf } from "./cursor.ts";

const anyCursor = fc.record<Cursor>({
  createdAt: fc.integer({ min: -8_640_000_000_000_000, max: 8_640_000_000_000_000 }),
  row: fc.nat({ max: Number.MAX_SAFE_INTEGER }),
});

describe("pages of a list", () => {
  test("MEM-1 gives back from a cursor what was put into it", () => {
    fc.assert(
      fc.property(anyCursor, (cursor) => {
        expect(decodeCursor(encodeCursor(cursor))).toEqual(cursor);
      }),
    );
  });

  test("MEM-1 refuses what no list gave out", () => {
    const encoded = (text: string) => Buffer.from(text).toString("base64url");
    for (const text of ["", "x", "1:2", encoded("1"), encoded("1:2:3"), encoded("1:-2"), encoded("1e3:2")]) {
      expect(() => decodeCursor(text)).toThrow(expect.objectContaining({ code: "request.invalid" }));
    }
  });

  test("MEM-1 gives a cursor as long as there is more, and none with the last page", () => {
    const rows = [5, 4, 3];
    const page = (limit: number) =>
      pageOf(
        rows,
        limit,
        (row) => row * 10,
        (row) => ({ createdAt: row, row }),
      );
    expect(page(3)).toEqual({ items: [50, 40, 30], cursor: null });
    expect(page(2)).toEqual({ items: [50, 40], cursor: encodeCursor({ createdAt: 4, row: 4 }) });
    expect(page(0)).toEqual({ items: [], cursor: null });
  });
});
