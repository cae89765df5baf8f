import { describe, expect, test } from "vitest";
import { helpOption } from "./command.ts";
import { commandTable } from "./command-table.ts";

describe("API-7: the table of commands", async () => {
  const commands = await commandTable.loadAll();

  test("a command answers to the name under which it is loaded", () => {
    expect(commands.map(({ name }) => name)).toEqual(commandTable.names);
  });

  test.each(commands)("$name has no option or letter twice, and says what each does", ({ options, usage, summary }) => {
    const all = [...options, helpOption];
    const names = all.flatMap(({ name, short }) => (short === undefined ? [name] : [name, short]));
    expect(new Set(names).size).toBe(names.length);
    for (const { name, describe: text } of all) {
      expect(name).toMatch(/^[a-z][a-z-]+$/u);
      expect(text).toMatch(/\.$|…$/u);
    }
    expect(usage.length).toBeGreaterThan(0);
    expect(summary).not.toMatch(/\.$/u);
  });
});
