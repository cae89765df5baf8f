import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { cellsSetting } from "./cell-settings.ts";

describe("ENG-8 the setting of cells", () => {
  test("is a map of names to addresses, or pairs of them on one line or several", () => {
    const cells = { eu: "postgres://a:p%2C@h:5432/x?sslmode=require", "us-1": "postgresql://h/y" };
    expect(cellsSetting.parse(cells)).toEqual(cells);
    const pairs = Object.entries(cells).map(([name, url]) => `${name}=${url}`);
    for (const between of [" ", ",", ", ", "\n", "\r\n  "]) {
      expect(cellsSetting.parse(`  ${pairs.join(between)}\n`)).toEqual(cells);
    }
    expect(cellsSetting.parse("")).toEqual({});
  });

  test("gives every address back as it was written", () => {
    const name = fc.stringMatching(/^[a-z0-9][a-z0-9_-]{0,10}$/u).filter((given) => given !== "default");
    const url = fc.stringMatching(/^[!-+\--~]{0,20}$/u).map((path) => `postgres://user:pass@host/${path}`);
    fc.assert(
      fc.property(fc.dictionary(name, url, { noNullPrototype: true, maxKeys: 5 }), (cells) => {
        const text = Object.entries(cells).map(([one, address]) => `${one}=${address}`);
        expect(cellsSetting.parse(text.join(" "))).toEqual(cells);
      }),
    );
  });

  test.for([
    ["eu=postgres://h/x eu=postgres://h/y", "twice"],
    ["EU=postgres://h/x", "names of 1 to 63"],
    ["default=postgres://h/x", "database_url"],
    ["eu=mysql://h/x", "postgres://"],
    ["eu", "postgres://"],
    [{ eu: "postgres://h/x y" }, "postgres://"],
    [{ eu: 5 }, ""],
    [["postgres://h/x"], "names with addresses"],
  ] as const)("refuses %j", ([given, message]) => {
    const found = cellsSetting.safeParse(given);
    expect(found.success).toBe(false);
    expect(JSON.stringify(found.error?.issues)).toContain(message);
  });
});
