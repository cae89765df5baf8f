import type { Command, CommandTable } from "../command.ts";
import { completionScript, type Shell, shells } from "../completion-script.ts";
import { exitCodes } from "../exit-codes.ts";

export const makeCompletion = (table: CommandTable): Command => ({
  name: "completion",
  summary: "Print a script that completes cairn's commands in your shell",
  usage: [shells.join("|")],
  arguments: { least: 1, most: 1, choices: shells },
  options: [],
  notes: [
    "bash: add `source <(cairn completion bash)` to ~/.bashrc; zsh: the same with zsh to ~/.zshrc.",
    "fish: cairn completion fish > ~/.config/fish/completions/cairn.fish",
    "PowerShell: add `cairn completion powershell | Out-String | Invoke-Expression` to $PROFILE.",
  ],
  run: async (host, given) => {
    await host.out.write(completionScript(given.arguments[0] as Shell, await table.loadAll()));
    return exitCodes.ok;
  },
});
