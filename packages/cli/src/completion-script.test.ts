import { spawnSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { completionScript, shells } from "./completion-script.ts";
import { commandTable } from "./command-table.ts";

const has = (program: string): boolean => spawnSync(program, ["--version"], { stdio: "ignore" }).status === 0;

/** What bash offers after these words. */
const bashOffers = (script: string, words: readonly string[]): readonly string[] => {
  const array = words.map((word) => `'${word}'`).join(" ");
  const source = `${script}\nCOMP_WORDS=(${array}); COMP_CWORD=${words.length - 1}; _cairn; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout, stderr } = spawnSync("bash", ["--norc", "-c", source], { encoding: "utf8" });
  expect(stderr).toBe("");
  return stdout.split("\n").filter((line) => line !== "");
};

describe("API-7: shell completion", async () => {
  const commands = await commandTable.loadAll();

  test.each(shells)("%s: every command and every option is in the script", (shell) => {
    const script = completionScript(shell, commands);
    for (const command of commands) {
      expect(script).toContain(command.name);
      for (const option of command.options)
        expect(script).toContain(shell === "fish" ? `-l ${option.name}` : `--${option.name}`);
    }
  });

  test.skipIf(!has("bash"))("bash offers commands, options, values and subcommands", () => {
    const script = completionScript("bash", commands);
    expect(bashOffers(script, ["cairn", "re"]).toSorted()).toEqual(["recall", "release", "remember", "restore"]);
    expect(bashOffers(script, ["cairn", "recall", "--ex"])).toEqual(["--explain"]);
    expect(bashOffers(script, ["cairn", "export", "--format", "c"])).toEqual(["cairn"]);
    expect(bashOffers(script, ["cairn", "spaces", "cr"])).toEqual(["create"]);
    expect(bashOffers(script, ["cairn", "remember", "--key", ""])).toEqual([]);
  });

  const syntaxChecks = [
    { shell: "zsh", flag: "-n" },
    { shell: "fish", flag: "--no-execute" },
  ] as const;
  test.each(syntaxChecks.filter(({ shell }) => has(shell)))("$shell takes the script", ({ shell, flag }) => {
    const { status } = spawnSync(shell, [flag], { input: completionScript(shell, commands), encoding: "utf8" });
    expect(status).toBe(0);
  });
});
