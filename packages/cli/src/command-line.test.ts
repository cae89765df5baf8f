import { describe, expect, test } from "vitest";
import type { Command } from "./command.ts";
import { flagOf, numberOf, textOf, textsOf } from "./command.ts";
import { parseCommandLine } from "./command-line.ts";

const command: Command = {
  name: "remember",
  summary: "",
  usage: [""],
  arguments: { least: 1, most: 1 },
  options: [
    { name: "tag", short: "t", value: "TAG", repeat: true, describe: "" },
    { name: "limit", short: "n", value: "N", type: "number", describe: "" },
    { name: "category", value: "KIND", choices: ["fact", "rule"], describe: "" },
    { name: "yes", short: "y", describe: "" },
  ],
  run: async () => 0,
};

const given = (...words: readonly string[]) => {
  const line = parseCommandLine(command, words);
  if (line.kind !== "given") throw new Error(JSON.stringify(line));
  return line.given;
};
const problemOf = (...words: readonly string[]): string => {
  const line = parseCommandLine(command, words);
  return line.kind === "problem" ? line.message : line.kind;
};

describe("API-7: the command line", () => {
  test("options come before or after the text, long or short, with = or without, and may repeat", () => {
    const read = given("--tag", "a", "text", "-t", "b", "--limit=3", "-y", "--category", "fact");
    expect(read.arguments).toEqual(["text"]);
    expect(textsOf(read, "tag")).toEqual(["a", "b"]);
    expect(numberOf(read, "limit")).toBe(3);
    expect(textOf(read, "category")).toBe("fact");
    expect(flagOf(read, "yes")).toBe(true);
    expect(flagOf(read, "json")).toBe(false);
  });

  test("what comes after -- is text; a lone dash and an empty text are arguments", () => {
    expect(given("--", "--not an option").arguments).toEqual(["--not an option"]);
    expect(given("-").arguments).toEqual(["-"]);
    expect(given("").arguments).toEqual([""]);
  });

  test("values may begin with a dash when they are numbers or come after =", () => {
    expect(numberOf(given("x", "--limit", "-3"), "limit")).toBe(-3);
    expect(textsOf(given("x", "--tag=-a"), "tag")).toEqual(["-a"]);
  });

  test("names of Object's own are only names", () => {
    expect(problemOf("x", "--__proto__")).toContain("There is no option --__proto__");
    expect(problemOf("x", "--constructor=1")).toContain("no option --constructor");
  });

  test.each([
    [["x", "--tga", "a"], "There is no option --tga. Did you mean --tag?"],
    [["x", "--tag"], "--tag needs a value: --tag TAG."],
    [["x", "--tag", "--yes"], "--tag needs a value. If --yes is the value, write --tag=--yes."],
    [["x", "--limit", "many"], '--limit needs a number; this is "many".'],
    [["x", "--limit", "1", "--limit", "2"], "--limit can be given only once."],
    [["x", "--category", "facts"], "--category must be one of fact, rule. Did you mean fact?"],
    [["x", "--yes=no"], "--yes takes no value."],
    [["two", "words"], 'There is one argument too many: "words". Put quotes around a text of several words.'],
    [[], "remember needs more than that."],
    [["-5 degrees"], "There is no option -5. Text that begins with a dash goes after --."],
  ])("%j is told what is wrong with it", (words, message) => {
    expect(problemOf(...words)).toBe(message);
  });

  test("--help wins over everything else", () => {
    expect(parseCommandLine(command, ["--help"]).kind).toBe("help");
    expect(parseCommandLine(command, ["a", "b", "c", "-h"]).kind).toBe("help");
  });

  test("words that a first argument can be are checked", () => {
    const spaces: Command = {
      ...command,
      name: "spaces",
      arguments: { least: 0, most: 2, choices: ["list", "create"] },
    };
    expect(parseCommandLine(spaces, ["lst"])).toMatchObject({ message: expect.stringContaining("Did you mean list?") });
    expect(parseCommandLine(spaces, ["create", "x"])).toMatchObject({ kind: "given" });
  });
});
