/**
 * Pages of a list of memories. A cursor names the last memory of a page by the list's order, record time and row, so
 * that what is written meanwhile neither repeats nor hides one. Every engine gives out the same.
 */
import { CairnError } from "@cairn/kernel/error";
import type { Page } from "./engine.ts";

export interface Cursor {
  readonly createdAt: number;
  readonly row: number;
}

export const encodeCursor = ({ createdAt, row }: Cursor): string =>
  Buffer.from(`${createdAt}:${row}`).toString("base64url");

/** Throws request.invalid for what no list gave out. */
export const decodeCursor = (text: string): Cursor => {
  const found = /^(-?\d{1,16}):(\d{1,16})$/.exec(Buffer.from(text, "base64url").toString("latin1"));
  if (found === null) {
    throw new CairnError("request.invalid", "cursor is not one that a list gave out.", {
      problems: [{ path: "cursor", code: "invalid", message: "must be the cursor of an earlier page" }],
    });
  }
  return { createdAt: Number(found[1]), row: Number(found[2]) };
};

/** A page of at most `limit`; `rows` are one more where there is another page. */
export const pageOf = <Row, Item>(
  rows: readonly Row[],
  limit: number,
  itemOf: (row: Row) => Item,
  cursorOf: (row: Row) => Cursor,
): Page<Item> => {
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  const more = rows.length > limit && last !== undefined;
  return { items: page.map(itemOf), cursor: more ? encodeCursor(cursorOf(last)) : null };
};
