import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { proveLint } from "./prove-lint.ts";

const rules = readFileSync(join(import.meta.dirname, "..", "..", ".oxlintrc.json"), "utf8");

test("each bad fixture is reported by the rule that it breaks", () => {
  expect(proveLint(rules)).toEqual([]);
});

test("a rule that was turned off is noticed", () => {
  const blunted = rules.replace('"import/no-cycle": "error"', '"import/no-cycle": "off"');
  expect(proveLint(blunted)).toEqual([
    expect.stringContaining("cycle-first.ts must be reported as import(no-cycle), not as nothing"),
    expect.stringContaining("cycle-second.ts"),
  ]);
});

test("a boundary that reports what is allowed is noticed", () => {
  const widened = rules.replaceAll('"@cairn/embed",', '"@cairn/kernel/**",');
  expect(proveLint(widened)).toContainEqual(expect.stringContaining("imports-downward.ts must be reported as nothing"));
});
